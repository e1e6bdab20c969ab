import type { Lists } from './lists.ts'

/** Words that give a topic away in English, by how much they tell: three points, two, one. */
export const english: Lists = {
  politics: [
    `albanese attorney_general backbench* ballot* barr biden* bipartisan candidate* conservatives corbyn democrat* downing_street
      election* electoral filibuster general_election greens holyrood impeach* justice_department labor_party labour_party liberals mp
      mueller nominee partisan polls presidential prime_minister* republican* sanders senate senator* starmer stormont sunak tories tory
      treasurer westminster`,
    `brexit cabinet campaign* caucus coalition congress* federal first_minister governor* kavanaugh lawmaker* legislat* manifesto
      mcconnell midterm* minister* morrison mps nomination obama oval_office parliament party_leader pelosi politic* political
      politician* poll president referendum superdelegate* supreme_court trump* vote voter* votes white_house`,
    'abbott administration aoc bill councillor* executive_order gop policy premier turnbull',
  ],
  business: [
    `afterpay asx central_bank commodit* dividend* earnings federal_reserve ftse gdp hedge_fund* inflation_rate insurer* interest_rate*
      ipo lender* markets nab nasdaq private_equity qantas recession reserve_bank retail retailer* rio_tinto s_p share_price
      shareholder* stock_market stocks wall_street`,
    `administrators airbus airline* anz bank banking bankrupt* banks bhp bitcoin bn boeing chief_executive commonwealth_bank company
      consumer* credit_card* currency debt economic* economist* economy entrepreneur* fiscal high_street house_prices index inflation
      insolven* investment* investor* jobs landlord* loan* market merger* mortgage* oil_price* pay_cut* pension* profit* property_market
      revenue* sales savers savings shares small_business* stock store_closures supermarket* takeover traders unemployment walmart
      westpac`,
    `acquire* acquisition billion boardroom brand* budget business* buyout ceo companies crypto* dollar dow euro export* factories
      factory firm firms fund funds growth import* isa jobless layoffs manufactur* money quarter redundanc* startup* superannuation
      tariff* tax taxes trade wages workers`,
  ],
  technology: [
    `ai alexa android antitrust apple artificial_intelligence big_tech chatbot* chatgpt chips chrome coding copilot cpu* cyber*
      data_breach deepseek earbuds encryption firefox gadget* gemini google gpu* hacker* hacking ipad* iphone* kernel laptop* linux llm*
      macbook* machine_learning macos malware microsoft nvidia oled openai password* phishing pixel qualcomm ransomware siri smartphone*
      smartwatch* software ssd subscription* usb vpn vulnerabilit* web`,
    `3d_print* algorithm* amd apps augmented_reality beta bluetooth broadband browser* chip chipmaker* device* emoji* exploit* facebook
      hacked hardware headset* huawei intel ios meta open_source os privacy programmer* programming quantum_comput* samsung
      search_engine* server* snapchat social_media tech tech_giant* technology tv_set whatsapp wi_fi zero_day`,
    `5g app arm camera* cloud code computer* data developer* digital drone* headphones instagram internet online robot* silicon_valley
      streaming tiktok twitter virtual_reality website* wifi youtube`,
  ],
  science: [
    `archaeolog* asteroid* astronaut* astronom* black_hole* blue_origin coral* crispr dinosaur* dna evolution* exoplanet* falcon
      fossil* genes genome* insect* iss james_webb launch_pad lunar microb* milky_way moon nasa neanderthal* nobel_prize palaeontolog*
      paleontolog* physicist* protein* quantum rocket* scientist* space_station spacecraft spacex starliner starship telescope*`,
    `ancient bc bee biolog* chemist* chimpanzee* climate_model* comet* cosmic extinct* galaxies galaxy gene genetic* geolog* hubble
      jupiter mammoth* mars molecul* neuron* neutrino* octopus* orbit* particle* physic* planet* primate* researcher* satellite*
      scientific skeleton* species tomb venus volcan* whale*`,
    `aliens bacteria* bees birds brain brains cell cells discover* earthquake* excavat* experiment* laboratory mammal* mathematic*
      meteor* monkeys ocean prehistoric reef saturn shark* solar_system study universe`,
  ],
  health: [
    `adhd alzheimer* autism bird_flu blood_pressure cancer* cdc cholesterol dementia fda h5n1 heart_disease hiv kennedy measles nhs rfk
      tumor* tumour* vaccin* vaccine*`,
    `aids alcohol antibod* astrazeneca calorie* care_home* covid* diabet* diet* disease* doctor* dose drugs ebola epidemic* fentanyl
      fitness flu health heart_attack* hospital* infection* medicaid medicine* menopause moderna nurse* obes* opioid* organ
      pandemic_response patient* pfizer polio public_health remdesivir smoking surgeon* symptom* test_and_trace therap* transplant*
      vitamin* weight_loss`,
    `abortion* birth_control clinic* coronavirus diagnos* doses drug epidemiolog* fertility gp immune immunity infected ivf malaria
      medical medicare mental_health miscarriage obamacare outbreak* parkinson* ppe pregnan* psychiatr* sleep stroke surger* treatment*
      trial trials vaping ventilator* virus wellbeing`,
  ],
  sport: [
    `afl all_blacks arsenal ashes athlete* athletics atp barcelona baseball basketball batsman bayern bowler boxing broncos bundesliga
      carlton champions_league chelsea club clubs coach* collingwood cricket* cyclist defender* djokovic dodgers essendon everton f1
      fa_cup federer fifa finals football* formula_1 formula_one goalkeeper* golf* grand_final grand_prix grand_slam hawthorn
      heavyweight injury innings jockey* juventus la_liga league liverpool man_city man_utd manchester_city manchester_united matildas
      melbourne_cup messi midfielder* mlb nadal nba nfl nhl nrl olympic* paralympic* pga player* playoff* premier_league quarterback*
      rabbitohs randwick real_madrid referee ronaldo roosters rugby semi_final* serena six_nations soccer socceroos springboks sprint*
      stadium striker* super_bowl tennis tottenham touchdown* tournament* uefa ufc us_open verstappen wallabies wicket* wimbledon
      world_cup wta yankees`,
    `australian_open beat captain champion* championship* cycling euro_2020 fans ferrari fury goal goals gymnast* hamstring hockey
      horse_racing joshua knockout lebron lions match matches medal* mma offseason racecourse racing relegation rookie ryder_cup scored
      season serie_a snooker sport* squad stanley_cup team teams test_match tiger_woods touchdowns tour_de_france var victory win wins`,
    `beats bowling boxer* darts defeat* draw final lakers manager marathon masters netball race record score* storm swimmer* swimming
      touring transfer`,
  ],
  culture: [
    `actor* actress* album* arts bafta* box_office broadway cinema* comedian* concert* coronation_street eastenders emmy* eurovision
      festival film films glastonbury grammy* hollywood jazz kardashian* love_island movie music* musical netflix novel* orchestra
      oscar* performer* playwright poet* poetry presenter* rapper* reality_show singer* theatre trailer`,
    `adele art artist* author* bachelor bachelorette band batman beyonce bieber book books cast celebrit* channel_4 choreograph* comedy
      composer* cultural disney* episode* exhibition* fiction gallery game_of_thrones gig golden_globe* guitar* itv jenner kanye
      lady_gaga literary marvel masterchef movies museum* obituary opera painting* pianist podcast* pop premiere* red_carpet reunion
      rihanna rock rowling screenplay sculptur* season_finale series shakespeare showbiz sitcom song songs star_wars strictly
      taylor_swift television tv tv_show west_end`,
    `abc architect* ballet bond culture dance dancer* designer* director documentary drama harry_potter hbo memoir* photograph* radio
      sequel soap stage star stars theater tour`,
  ],
  lifestyle: [
    `astrolog* bridesmaid* fashion horoscope* jumpsuit lingerie lipstick makeup mascara moisturi* perfume skincare swimwear wardrobe
      zodiac`,
    `aldi asos beauty bikini* bride* catwalk dating decor* designer divorce dress dresses engagement_ring etiquette hairstyle* handbag*
      housewife kate_middleton marriage motherhood outfit* sneakers style tiktok_trend tinder vogue wedding* zara`,
    `baby bedroom boyfriend dad diy duchess friendship* garden* girlfriend hair husband ikea influencer* interior* kids kitchen kmart
      makeover mother mum mums parent* queen romance royal* runway shoes shopper* skin toddler* trend* wear*`,
  ],
  food: [
    `air_fryer bakery barbecue brunch chef* cocktail* cookbook* cuisine culinary delicious dessert* foodie* gordon_ramsay jamie_oliver
      mary_berry michelin nigella pasta pizza* pudding recipe* restaurant* salad* sauce* sushi`,
    `bake baked baking beef beer* bread breakfast burger* butter cafe* cake* cheese* chicken chocolate coffee cook cooking cooks curry
      diner* dining dinner flavor* flavour* gin grill* ingredient* kfc lunch mcdonald* meal* menu* noodle* oven pork potato* snack* soup
      sourdough spice* starbucks steak taco* vegan* vegetable* vegetarian* whiskey whisky wine*`,
    'bbq dish dishes eat eating eats egg eggs food* tea',
  ],
  travel: [
    `airbnb backpack* city_break cruise* destination* holidaymaker* itinerary maldives safari sightseeing staycation* tourist*
      vacation* venice`,
    `air_bridge* beach* best_places booking* business_class cabin campervan* camping campsite* easyjet getaway* hiking hotel* island*
      luggage most_beautiful national_park* passenger* passport* quarantine_free resort* road_trip ryanair santorini ski skiing tourism
      train_journey travel* travel_corridor* unesco`,
    'airline* airport* bali explorer* first_class flight* holiday* landmark* luxury paradise trip* villa* visa',
  ],
  environment: [
    `biodiversity climate_change climate_crisis cop26 deforest* emission* extinction_rebellion fossil_fuel* global_warming
      great_barrier_reef greta_thunberg net_zero rainforest* renewable* rewilding wind_farm*`,
    `air_quality amazon_rainforest arctic carbon climate coal conservation* coral_bleach* ecolog* ecosystem* glacier* green_energy
      habitat* heatwave* ice_sheet* methane national_trust pesticide* plastic* polluted pollution sea_level* solar wildlife
      wind_turbine*`,
    'bushfire* drought* endangered environment* epa greenhouse nature paris_agreement recycling sewage sustainab* wildfire*',
  ],
  education: [
    'a_level* atar curriculum freshers gcse* headteacher* naplan ofsted pupil* ucas undergraduate* vice_chancellor',
    `classroom* degrees education* exam exams free_school_meals graduate* graduation grammar_school* home_school* homework hsc
      kindergarten lecturer* literacy nursery phd principal private_school* remote_learning sats scholarship* school* teacher* tuition
      vce`,
    'academic* academy campus* college* degree learning student* teaching tutor* universit*',
  ],
  crime: [
    `arson* body_found bodycam burglar* detective* drug_dealer* drug_lord gunman hitman homicide inquest manhunt manslaughter murder*
      paedophile pedophile rapist robber* serial_killer stabb*`,
    `arrest* cctv cocaine convicted death_row gang gangs inmate* jail* kidnap* killer* knife magistrate* pleaded prison* rape*
      sentenced sexual_assault sheriff* shooter shooting* smuggl* theft thief thieves trafficking`,
    `assault* bail charged court crime* criminal* fraud* guilty judge jury killing missing officers police prosecutor* raid* shot
      suspect* victim*`,
  ],
  weather: [
    `bureau_of_meteorology cold_front cold_snap cyclone* downpour* flooding forecaster* heatwave hurricane* landfall met_office
      meteorolog* national_weather_service rainfall snowfall thunderstorm* tornado* tropical_storm* typhoon* winter_storm`,
    `blizzard* celsius chilly coldest fahrenheit flood floods fog freezing frost* gales hail humid* icy rain showers snow storm* sunny
      sunshine temperature* warmest weather winds`,
    'degrees flooded forecast* heat hottest landslide* wind',
  ],
  motoring: [
    `audi automaker* bmw cadillac carmaker* cars chevrolet electric_car* electric_vehicle* ev evs gm hatchback honda hybrid hyundai kia
      lamborghini mazda mercedes motorist* nissan polestar porsche rivian robotaxi* sedan self_driving stellantis supercar* suv* tesla*
      toyota volvo vw`,
    `autonomous autopilot battery car charging concept_car convertible dealership* driver* drives ford horsepower jaguar land_rover
      lucid mot motor_show motorcycle* mpg pickup road_test speed_limit torque trim truck* vehicle* volkswagen`,
    'charger* diesel drive driving engine* ferrari hp petrol range',
  ],
  games: [
    `activision call_of_duty console* dlc e_sports ea elden_ring epic_games esports fortnite gameplay gamer* grand_theft_auto gta
      half_life minecraft multiplayer nintendo pc_gaming playstation pokemon ps4 ps5 remaster* roblox rpg single_player steam steam_deck
      ubisoft valve video_game* xbox zelda`,
    'arcade assassin* board_game* dungeons games gaming joy_con mario playable rockstar shooter sims twitch',
    'bethesda early_access game remake tabletop',
  ],
  world: [
    `airstrike* assad bolsonaro ceasefire chile* duterte embassy erdogan finland gaza hamas hezbollah houthi* indonesia* iraq* israel*
      kabul kashmir kim_jong_un kremlin kyiv lebanese lebanon libya* macron maduro merkel myanmar netanyahu north_korea* palestinian*
      putin syria* taiwan* taliban turkey ukrain* venezuela* xi_jinping yemen* zelensky*`,
    `afghan* africa algeria ambassador* ardern argentin* bangladesh* beijing beirut belarus* belgium berlin bolivia* bosnia* brazil*
      brussels china chinese congo delhi dictator* dutch egypt* ethiopia* foreign_minister* france french genocide german germany greece
      haiti* hong_kong hungar* india indian iran* isis islamic_state jakarta japan* kenya* kosovo lukashenko malaysia* mali mexico
      migrant* militant* modi morocco moscow nato navalny nepal nigeria* orban pakistan* philippin* rebels refugee* rohingya russia*
      sanctions saudi* seoul serbia* south_korea* spain sri_lanka* sudan* sweden swedish tehran thailand tigray troops trudeau tunisia
      united_nations vatican vietnam* zimbabwe*`,
    `african asylum catalan* colombia* coup cuba* denmark diplomat* eu european_union italy khashoggi madrid mexican missile*
      netherlands new_zealand norway paris peru* poland polish pope protesters rome singapore somalia* spanish swiss tokyo uighur*`,
  ],
}
