/** What sections of publishers' own addresses are about: the label of an article is the section it stands in. */
const sections: Record<string, string> = {
  politics: 'politics', 'uk-politics': 'politics', 'us-politics': 'politics',
  business: 'business', money: 'business', investing: 'business', economy: 'business',
  technology: 'technology', tech: 'technology', ai: 'technology', gadgets: 'technology', security: 'technology', 'information-technology': 'technology', apple: 'technology', google: 'technology',
  science: 'science', space: 'science',
  health: 'health',
  sport: 'sport', sports: 'sport', football: 'sport', tennis: 'sport', golf: 'sport', motorsport: 'sport',
  culture: 'culture', entertainment: 'culture', 'entertainment-arts': 'culture', arts: 'culture', movies: 'culture', books: 'culture', theater: 'culture', tvshowbiz: 'culture', music: 'culture', tv: 'culture',
  style: 'lifestyle', lifestyle: 'lifestyle', femail: 'lifestyle', fashion: 'lifestyle',
  food: 'food', dining: 'food', foodanddrink: 'food',
  travel: 'travel',
  environment: 'environment', climate: 'environment',
  education: 'education',
  crime: 'crime',
  weather: 'weather',
  cars: 'motoring', autos: 'motoring', automobiles: 'motoring',
  gaming: 'games',
  world: 'world', americas: 'world', europe: 'world', asia: 'world', africa: 'world', middleeast: 'world', china: 'world', india: 'world', uk: 'world', australia: 'world',
}

/** Sections of some publishers that are about something narrower than their name, or about several things; '' is a label that says nothing. */
const exceptions: readonly [source: string, path: RegExp, topics: string][] = [
  ['dailymail', /^\/sciencetech\//, 'science technology'],
  ['dailymail', /^\/femail\/food\//, 'food'],
  ['dailymail', /^\/money\/cars\//, 'motoring'],
  // Recipes, royals, diets and fashion in one section.
  ['dailymail', /^\/femail\//, 'lifestyle food culture health'],
  ['dailymail', /^\/home\//, ''],
  ['bbc', /^\/news\/science-environment/, 'science environment'],
  ['bbc', /^\/news\/uk-politics/, 'politics'],
  ['bbc', /^\/news\/(?:uk|in-pictures|stories)/, ''],
  // Whatever is read all over the world: asteroids, stars, whales.
  ['cnn', /^\/(?:videos\/)?world\//, ''],
  ['smh', /^\/lifestyle\/health-and-wellness/, 'health'],
  ['smh', /^\/environment\/climate-change/, 'environment'],
  ['smh', /^\/environment\/weather/, 'weather'],
  ['smh', /^\/environment\//, 'environment science'],
  ['smh', /^\/culture\/live-and-dont/, ''],
  ['smh', /^\/goodfood/, 'food'],
  ['nytimes', /^\/(?:us\/politics)/, 'politics'],
  ['nytimes', /^\/(?:us|opinion|video|interactive|briefing)\//, ''],
  ['nytimes', /coronavirus/, ''],
  ['cnn', /coronavirus|live-news/, ''],
]

/** The topics that a section says an article is of, any of which is right; none where it says nothing. */
export function topicsOfSection(source: string, address: string): string[] {
  const path = URL.parse(address)?.pathname.replace(/\/(?:19|20)\d\d\/\d\d\/\d\d(?=\/)/, '').toLowerCase() ?? ''
  const exception = exceptions.find(([name, pattern]) => (name === source) && pattern.test(path))
  if (exception !== undefined) return exception[2].split(' ').filter((topic) => topic !== '')
  const parts = path.split('/').filter((part) => part !== '' && !/^(?:news|videos?|article|\d+)$/.test(part))
  // Of the BBC: `business-52345678`, `world-us-canada-52345678`.
  const [section = ''] = parts.map((part) => part.replace(/-\d{5,}$/, ''))
  const topic = sections[section] ?? (section.startsWith('world-') ? 'world' : undefined)
  return topic === undefined ? [] : [topic]
}

/** What the categories of a portal's own sorting are about. */
export function topicsOfCategory(category: string, subcategories: readonly string[]): string[] {
  const [first = ''] = subcategories
  if (category === 'sports') return ['sport']
  if (category === 'finance') return ['business']
  if (category === 'news' || category === 'video') {
    const of: Record<string, string> = { newscrime: 'crime', newspolitics: 'politics', newsworld: 'world', newsbusiness: 'business', newsscienceandtechnology: 'science technology', weather: 'weather' }
    return of[first]?.split(' ') ?? []
  }
  return sections[category] === undefined ? [] : [sections[category]]
}
