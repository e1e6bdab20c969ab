/** Bytes of a length that is written before what it counts is known: a varint may be longer than it need be. */
const LENGTH_BYTES = 4
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** Writes protobuf messages into memory that grows: fields by number, nested messages between `open` and `close`. */
export class ProtoWriter {
  #buffer: Buffer
  #at = 0

  /** @param bytes what it begins with */
  constructor(bytes: number) {
    this.#buffer = Buffer.allocUnsafeSlow(bytes)
  }

  /** What was written since the last call, copied. */
  take(): Uint8Array {
    const bytes = Uint8Array.prototype.slice.call(this.#buffer, 0, this.#at)
    this.#at = 0
    return bytes
  }
  /** Begins a nested message; give what it answers to `close`. */
  open(field: number): number {
    this.#room(16)
    this.#varint((field << 3) | WIRE.bytes)
    const start = this.#at
    this.#at += LENGTH_BYTES
    return start
  }
  close(start: number): void {
    let length = this.#at - start - LENGTH_BYTES
    for (let i = 0; i < LENGTH_BYTES - 1; i++) {
      this.#buffer[start + i] = (length & 0x7f) | 0x80
      length >>>= 7
    }
    this.#buffer[start + LENGTH_BYTES - 1] = length
  }
  /** A whole number from 0 to 2⁵³. */
  uint(field: number, value: number): void {
    this.#room(24)
    this.#varint((field << 3) | WIRE.varint)
    this.#varint(value)
  }
  /** A whole number of either sign. */
  int(field: number, value: number): void {
    if (value >= 0) return this.uint(field, value)
    this.#room(24)
    this.#varint((field << 3) | WIRE.varint)
    let bits = BigInt.asUintN(64, BigInt(value))
    for (; bits > 0x7fn; bits >>= 7n) this.#buffer[this.#at++] = Number(bits & 0x7fn) | 0x80
    this.#buffer[this.#at++] = Number(bits)
  }
  double(field: number, value: number): void {
    this.#room(16)
    this.#varint((field << 3) | WIRE.fixed64)
    this.#at = this.#buffer.writeDoubleLE(value, this.#at)
  }
  fixed32(field: number, value: number): void {
    this.#room(16)
    this.#varint((field << 3) | WIRE.fixed32)
    this.#at = this.#buffer.writeUInt32LE(value, this.#at)
  }
  /** Nanoseconds since 1970 of milliseconds with fractions. */
  time(field: number, ms: number): void {
    this.#room(16)
    this.#varint((field << 3) | WIRE.fixed64)
    const whole = Math.floor(ms)
    const nanos = BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6))
    this.#at = this.#buffer.writeBigUInt64LE(nanos, this.#at)
  }
  /** Bytes given as hex digits. */
  hex(field: number, digits: string): void {
    this.#room(16 + digits.length)
    this.#varint((field << 3) | WIRE.bytes)
    this.#varint(digits.length / 2)
    this.#at += this.#buffer.write(digits, this.#at, 'hex')
  }
  string(field: number, text: string): void {
    this.#room(16 + text.length * 3)
    this.#varint((field << 3) | WIRE.bytes)
    // Up to 42 characters take at most 126 bytes: a length of one byte.
    if (text.length > 42) {
      const start = this.#at
      this.#at += LENGTH_BYTES
      this.#at += this.#buffer.write(text, this.#at, 'utf8')
      return this.close(start)
    }
    const start = this.#at++
    this.#short(text)
    this.#buffer[start] = this.#at - start - 1
  }
  /** What was written before with `take`, as it is. */
  raw(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** A call into the runtime costs more than a few characters do. */
  #short(text: string): void {
    const buffer = this.#buffer
    let at = this.#at
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) {
        this.#at += buffer.write(text, this.#at, 'utf8')
        return
      }
      buffer[at++] = code
    }
    this.#at = at
  }
  #varint(value: number): void {
    let left = value
    for (; left > 0x7fff_ffff; left = Math.floor(left / 128)) this.#buffer[this.#at++] = (left % 128) | 0x80
    for (; left > 0x7f; left >>>= 7) this.#buffer[this.#at++] = (left & 0x7f) | 0x80
    this.#buffer[this.#at++] = left
  }
  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + bytes))
    larger.set(this.#buffer.subarray(0, this.#at))
    this.#buffer = larger
  }
}
