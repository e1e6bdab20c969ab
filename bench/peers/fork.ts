/** What a cold start costs without a host: a process that loads the function and sends its first message. */
const { default: hello } = (await import(process.argv[2]!)) as { default: { fetch(): Response } }
process.send!(await hello.fetch().text())
