/**
 * The topics that have one name here whatever a feed or a folder calls them: name | names it goes by, in several languages, parted by
 * commas. Names are compared without accents, signs and case. Those of a second list belong to a wider topic, and count as both.
 */
const wide = `
world | world news, worldnews, international, international news, global, global news, foreign, foreign news, around the world, udland, verden, international politics, ausland, welt, weltgeschehen, utland, utrikes, varlden, verden rundt, monde, le monde entier, mundo, internacional, internationaal, buitenland, wereld, esteri, mondo, svijet, swiat, zagranica, maailma, ulkomaat, swiata, в мире, мир
national | nation, national news, domestic, home news, home affairs, indland, inland, inrikes, innenland, innenpolitik, innenriks, innanriks, binnenland, nacional, nazionale, cronaca, kotimaa, kraj, local, local news, lokal, lokalt, lokales, regional, region
united states | us, u s, u s a, usa, us news, u s news, america, american news, etats unis, vereinigte staaten, estados unidos
united kingdom | uk, u k, uk news, britain, great britain, british news, storbritannien, grossbritannien, royaume uni, reino unido
politics | political, politic, politics and government, government, government and politics, politik, politikk, politique, politica, politiek, polityka, politiikka, public policy, policy, us politics, uk politics, american politics, washington, westminster, christiansborg, parliament, congress, elections, election, valg, wahl, wahlen, val, elecciones, eleicoes, verkiezingen, elezioni, политика
business | business news, business and economy, business and finance, economy, economics, economic, money, finance, financial, financials, markets, market, stock market, stock markets, stocks, companies, company news, industry, investing, investment, investments, banking, banks, corporate, commerce, trade, erhverv, okonomi, penge, forretning, wirtschaft, finanzen, borse, unternehmen, geld, naringsliv, ekonomi, naring, bors, e24, economie, finances, bourse, entreprises, economia, negocios, finanzas, empresas, dinero, dinheiro, financas, mercados, economie en geld, financieel, bedrijven, beurs, finanza, soldi, biznes, gospodarka, finanse, talous, personal finance, biz, экономика, бизнес
technology | tech, tech news, it, i t, information technology, computer, computers, computing, digital, technology and electronics, technologies, tek, teknologi, teknik, technik, netzwelt, digitales, computer und internet, internet, web, online, high tech, hi tech, technologie, tecnologia, technologia, teknologia, numerique, informatique, informatica, informatik, electronics, consumer electronics, consumer tech, software, hardware, telecom, telecoms, biz and it, science and tech, media and technology, технологии
science | sciences, science news, scientific, research, videnskab, viden, forskning, natur og videnskab, wissenschaft, wissen, forschung, vetenskap, vitenskap, recherche, ciencia, ciencias, wetenschap, scienza, scienze, nauka, tiede, наука
health | healthcare, health care, health news, health and wellness, health and fitness, wellbeing, well being, wellness, well, medical, medicine, medicin, public health, sundhed, helse, halsa, gesundheit, medizin, sante, salud, saude, gezondheid, salute, sanita, zdrowie, terveys, здоровье
sport | sports, sports news, sporten, desporto, deportes, deporte, esporte, esportes, urheilu, sporty, leichtathletik und mehr, athletics news, спорт
culture | art and culture, arts, the arts, arts and culture, arts and entertainment, entertainment, entertainment and arts, entertainment news, showbiz, show business, tv and showbiz, tvshowbiz, culture and arts, leisure, kultur, kultur og fritid, underholdning, unterhaltung, feuilleton, noje, kultur och noje, culture et loisirs, loisirs, divertissement, cultura, entretenimiento, entretenimento, espectaculos, ocio, cultuur, amusement, cultuur en media, spettacoli, kultura, rozrywka, kulttuuri, viihde, kendte, society and culture, культура
lifestyle | life style, life and style, life, living, style, livsstil, liv, leben, stil, vie, mode de vie, estilo, estilo de vida, vida, leefstijl, lifestyle and relationships, stile di vita, styl zycia, femail, people, menschen, gente, society, samfund, gesellschaft, societe, sociedad, sociedade, samenleving, societa, spoleczenstwo, samhalle
food | food and drink, foodanddrink, foods, drinks, drink, dining, cooking, recipes, recipe, restaurants, eat, eating, cuisine, mad, mad og drikke, mad og vin, opskrifter, vin, wine, essen, essen und trinken, kochen, rezepte, mat, mat och dryck, oppskrifter, recept, gastronomie, nourriture, recettes, gastronomia, comida, cocina, recetas, culinaria, eten, koken, eten en drinken, cucina, ricette, jedzenie, kulinaria, ruoka
travel | travels, travel news, tourism, holidays, vacation, vacations, destinations, rejser, rejse, reise, reisen, urlaub, resor, resa, voyage, voyages, tourisme, viajes, viaje, viagens, turismo, reizen, vakantie, viaggi, podroze, turystyka, matkailu
environment | green, climate, climate change, climate crisis, global warming, climate and environment, energy and environment, environmental, sustainability, nature, ecology, conservation, klima, klima og miljo, miljo, natur, umwelt, klimawandel, klimaschutz, natur und umwelt, miljo och klimat, klimat, environnement, climat, planete, nature et environnement, medio ambiente, clima, meio ambiente, ambiente, milieu, klimaat, natuur, natuur en milieu, srodowisko, ymparisto, экология
education | schools, school, universities, university, higher education, teaching, learning, uddannelse, skole, skole og uddannelse, bildung, schule, karriere und bildung, hochschule, utbildning, skola, utdanning, enseignement, ecole, educacion, educacao, onderwijs, istruzione, scuola, edukacja, koulutus
crime | crimes, crime news, crime and justice, crime and courts, law and crime, police, courts, krimi, kriminalitet, 112, krim, kriminalitat, kriminalitaet, polizei, blaulicht, brott, brott och straff, faits divers, justice et faits divers, sucesos, crimen, crimes e justica, policial, misdaad, criminaliteit, cronaca nera, przestepczosc, newscrime
weather | weather news, forecast, forecasts, vejr, vejret, wetter, vader, vadret, vaer, meteo, tiempo, el tiempo, tempo e clima, weer, het weer, pogoda, saa, погода
motoring | cars, car, autos, auto, automotive, automobile, automobiles, vehicles, motor, motors, wheels, biler, bil, bil og motor, mobilitat, bilar, bil och motor, voiture, voitures, coches, carros, motori, motoryzacja, autot, electric vehicles, electric cars, авто
games | gaming, game, video games, videogames, videogame, computer games, board games, esports, e sports, spil, computerspil, gamer, spiele, videospiele, computerspiele, spel, datorspel, dataspill, jeux, jeux video, juegos, videojuegos, jogos, videojogos, gry, pelit, videogiochi
opinion | opinions, op ed, comment, commentary, columns, column, columnists, editorial, editorials, debate, debat, kommentar, meinung, meinungen, leder, ledere, kronik, asikter, ledare, debatt, meninger, opinie, opinioni, analysis, comment is free, opinión, chroniques, blogs and opinion, views`

const within = `
football < sport | soccer, premier league, champions league, fodbold, superliga, superligaen, fussball, fusball, bundesliga, fotboll, allsvenskan, fotball, eliteserien, foot, ligue 1, futbol, futebol, la liga, voetbal, eredivisie, calcio, serie a, pilka nozna, jalkapallo, футбол
american football < sport | nfl, gridiron, football nfl, football ncaa, college football, amerikansk fodbold
rugby < sport | rugby union, rugby league, nrl, six nations, super rugby
cricket < sport | the ashes, ipl, test cricket
tennis < sport | atp, wta, wimbledon, tenis, tennis news
golf < sport | pga, pga tour, ryder cup
cycling < sport | cykling, radsport, cykel, sykkel, cyclisme, ciclismo, wielrennen, tour de france
motorsport < sport | formula 1, formula one, f1, formel 1, formule 1, nascar, motogp, motor sport, motor racing, moto
basketball < sport | nba, basket, baloncesto, koripallo, basketball nba, wnba, basquetebol
baseball < sport | mlb, baseball mlb, beisbol
ice hockey < sport | nhl, hockey, ishockey, eishockey, ishockey shl, shl, jaakiekko
handball < sport | handbold, handboll, handebol
boxing < sport | boksning, boxen, boxe, boxeo, mma, ufc, mixed martial arts
olympics < sport | olympic games, the olympics, ol, olympia, olympische spiele, os, jeux olympiques, juegos olimpicos, olympische spelen, olimpiadi
horse racing < sport | racing, hestesport, travsport, pferdesport
athletics < sport | atletik, leichtathletik, friidrott, track and field
film < culture | films, movie, movies, cinema, movie news, movienews, film og tv, kino, filme, cine, bio, films and tv, film news, кино
music < culture | music news, musik, musique, musica, muziek, pop and rock, classical music, muzyka, musiikki, musikk, jazz, concerts, музыка
television < culture | tv, television and radio, tv and radio, television and radio news, tv news and reviews, tv shows, fernsehen, tv og radio, tv og medier, streaming, televisie, televisione, tele, series, tvandmovies
books < culture | book, literature, book reviews, bogs, boger, litteratur, bucher, buecher, literatur, bocker, boker, livres, libros, literatura, livros, boeken, libri, ksiazki, kirjat
art < culture | art and design, visual art, visual arts, fine art, kunst, billedkunst, konst, arte, museums, museum, museer, museen, painting, sculpture, exhibitions
theatre < culture | theater, stage, teater, scene, buhne, scenkonst, teatro, toneel, dance, opera, musicals
celebrities < culture | celebrity, celebrity news, celeb, royals, royal family, royal, gossip, kongelige, kongehuset, stars, promis, kandisar, people et stars, famosos, famosi, lifestyleroyals
photography < culture | photo, photographs, fotografie, fotografi, foto, photographie, fotografia, photojournalism
history < culture | historie, geschichte, historia, histoire, geschiedenis, storia
architecture < culture | arkitektur, architektur, arquitectura, arquitetura
artificial intelligence < technology | ai, a i, machine learning, deep learning, generative ai, large language models, llm, llms, chatgpt, openai, kunstig intelligens, ki, kunstliche intelligenz, kuenstliche intelligenz, ia, intelligence artificielle, inteligencia artificial, ai and ml
cybersecurity < technology | cyber security, security, infosec, information security, computer security, it security, it sicherheit, hacking, privacy, it sikkerhed, ciberseguridad, cybersecurite
programming < technology | coding, software development, software engineering, web development, development, javascript, python, ruby, php, rust, developer tools, programmierung, programmering, ios development, android development, node js, css, html, devops, kubernetes
apple < technology | iphone, ipad, mac, macos, ios, iphones
android < technology | android apps, google android
gadgets < technology | gadget, smartphones, mobile, mobile phones, phones, wearables, reviews of gadgets, devices
social media < technology | facebook, instagram, twitter, tiktok, x twitter, sociale medier, soziale medien, reseaux sociaux, redes sociales
cryptocurrency < business, technology | crypto, bitcoin, blockchain, cryptocurrencies, ethereum, krypto, kryptovaluta, kryptowahrungen
startups < business, technology | startup, start ups, start up, entrepreneurship, entrepreneurs, venture capital, venture, grunder, ivaerksaettere
space < science | space and astronomy, astronomy, nasa, spaceflight, rumfart, rummet, weltraum, raumfahrt, rymden, espace, espacio, espaco, ruimtevaart, spazio, kosmos, spacex, космос, astronomie
physics < science | physik, fysik, physique, fisica, quantum physics
biology < science | life sciences, biologi, biologie, biologia, genetics, genomics, cell biology, molecular biology, evolution
chemistry < science | kemi, chemie, chimie, quimica
mathematics < science | math, maths, matematik, mathematik, mathematiques, matematicas
archaeology < science | archeology, paleontology, palaeontology, arkaeologi, archaologie
psychology < science | psykologi, psychologie, neuroscience, psicologia
coronavirus < health | covid, covid 19, covid19, corona, coronavirus 2019 ncov, coronavirus pandemic, pandemic, sars cov 2, coronavirus covid 19
mental health < health | mental sundhed, psychische gesundheit, psykisk halsa
fitness < health | exercise, running, workout, training, traening
energy < business, environment | oil and gas, renewable energy, renewables, energi, energie, energia, solar, nuclear power, oil
property < business | real estate, housing, homes and property, bolig, boligmarkedet, immobilien, bostad, immobilier, vivienda, imobiliario, huizenmarkt, wonen
jobs < business | careers, career, work, workplace, labor and jobs, labour market, employment, karriere, arbejde, arbeit, jobb, emploi, empleo, emprego, work and money, work and careers
animals < environment | wildlife, pets, dogs, cats, animal, birds, dyr, tiere, djur, animaux, animales, animais, dieren, zwierzeta
fashion < lifestyle | mode, moda, mote, fashion news, beauty, skonhed, schonheit, beaute, belleza, style and beauty, fashion and beauty, fashion and style, skincare
family < lifestyle | parenting, parents, children, kids, familie, familj, famille, familia, foraeldre, born, kinder, gezin
relationships < lifestyle | love, love and sex, dating, sex, sex og samliv, liebe, life and relationships
home < lifestyle | home and garden, house and home, interiors, interior design, gardening, garden, gardens, diy, hus og have, have, wohnen, garten, hem och hus, maison, hogar, bolig og indretning
donald trump < politics | trump, trump donald j, president trump, trump administration
republicans < politics | republican party, gop, republican
democrats < politics | democratic party, democrat
europe < world | eu, european union, europa, brussels, eu politics, european news
africa < world | afrika, afrique
asia < world | asia pacific, asien, asie, azie, china and asia, south asia, southeast asia
middle east < world | mellemosten, naher osten, nahost, mellanostern, proche orient, moyen orient, oriente medio, oriente proximo, midden oosten, israel and palestinians, gaza
latin america < world | south america, central america, latinamerika, lateinamerika, amerique latine, america latina, the americas
ukraine < world | russian invasion of ukraine, russian invasion of ukraine 2022, war in ukraine, ukraine war, russia ukraine war, ukraine krieg, krigen i ukraine, guerre en ukraine, guerra en ucrania, oekraine`

/** Words by which a publisher sorts its own pages: they say nothing of what an article is about. */
const empty = `
uncategorized, uncategorised, unkategorisiert, ikke kategoriseret, okategoriserade, non classe, sin categoria, sem categoria, senza categoria, geen categorie, allgemein, allgemeines, general, generel, default, misc, miscellaneous, diverse, other, others, others news, andet, sonstiges, various, varia, all, alle, all news, everything, news, new, nyheder, nyhed, nyheter, seneste, seneste nyt, nachrichten, neuigkeiten, aktuell, aktuelles, actualite, actualites, actu, noticias, ultimas, ultima hora, nieuws, notizie, attualita, aktualnosci, wiadomosci, uutiset, новости, раздел новости, latest, latest news, recent, breaking, breaking news, top, top news, top stories, topnews, headlines, headline, trending, popular, featured, feature, features, highlights, editors picks, editor s picks, front page, frontpage, forside, forsiden, startseite, home page, homepage, index, main, blog, blogs, weblog, weblogs, post, posts, article, articles, artikel, artikler, story, stories, item, items, page, video, videos, photos, gallery, galleries, pictures, in pictures, audio, podcast, podcasts, live, live blog, live updates, update, updates, announcement, announcements, press release, press releases, release, releases, newsletter, newsletters, syndication, syndicated, sponsored, advertisement, ads, promoted, deals, deal, offers, sale, archive, archives, snippets, links, link, link blog, notes, thoughts, ideas, quick links, shared, rss, rss feed, feed, premium, subscriber only, plus, exclusive, exclusives, longform, long reads, long read, review, reviews, guide, guides, how to, howto, tips, tips and tricks, list, lists, quiz, quizzes, test, sample, untagged, none, null, my feeds, feeds, my subscriptions, subscriptions, favorites, favourites, unread, inbox, daily, weekly, morning, must read, ars, tc, insider, rewind, community, events, event, webinar`

/** A topic and what is said of it here. */
export interface KnownTopic {
  name: string
  /** The wider topics that it belongs to. */
  within: string[]
}

/** A name as it is looked up: lower case, no accents, signs as spaces, `and` for `&`. */
export function folded(name: string): string {
  const plain = name.toLowerCase().replaceAll('&', ' and ').replaceAll('ß', 'ss').replaceAll('ø', 'o').replaceAll('æ', 'ae').replaceAll('ł', 'l').replaceAll('đ', 'd')
  return plain.normalize('NFKD').replaceAll(/\p{M}+/gu, '').replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim()
}

function rowsOf(table: string): { name: string; within: string[]; names: string[] }[] {
  return table.trim().split('\n').map((line) => {
    const [head = '', rest = ''] = line.split(' | ')
    const [name = '', wider = ''] = head.split(' < ')
    return { name, within: wider === '' ? [] : wider.split(', '), names: rest.split(', ').map(folded) }
  })
}

const rows = [...rowsOf(wide), ...rowsOf(within)]

/** The topics that have a name of their own here, by that name. */
export const knownTopics: ReadonlyMap<string, KnownTopic> = new Map(rows.map(({ name, within: wider }) => [name, { name, within: wider }]))

/** Topics by any folded name; the first that claims a name has it, its own name before all. */
export const topicByName: ReadonlyMap<string, KnownTopic> = new Map(
  [...rows.map(({ name }) => [folded(name), name] as const), ...rows.flatMap(({ name, names }) => names.map((one) => [one, name] as const))]
    .toReversed().map(([one, name]) => [one, knownTopics.get(name)!]))

/** Folded names that say nothing. */
export const emptyNames: ReadonlySet<string> = new Set(empty.split(', ').map(folded))
