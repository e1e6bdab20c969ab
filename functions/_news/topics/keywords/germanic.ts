import type { Lists } from './lists.ts'

/** Words that give a topic away in German. */
export const german: Lists = {
  politics: ['bundestag* bundeskanzler* bundesregierung* koalition* cdu csu spd afd fdp linkspartei bundesrat* wahlkampf* abgeordnet* ministerpräsident* landtag* bundespräsident* merz scholz söder habeck ampel', 'minister* kanzler* opposition* partei* fraktion* gesetzentwurf* wähler* wahlen innenminister* grünen', 'wahl politik* reform* regierung* gesetz*'],
  business: ['aktie* börse* dax umsatz* insolven* leitzins* inflation* ezb bundesbank* quartal* anleger* konjunktur* bruttoinlandsprodukt', 'unternehmen* konzern* milliarden* gewinn* verlust* wirtschaft* vorstand* bank banken investor* export* tarif* stellenabbau rezession', 'euro markt* preise firma* arbeitsplätze steuer*'],
  technology: ['künstliche_intelligenz smartphone* iphone* android* hacker* cyberangriff* chatgpt openai google apple microsoft software* sicherheitslücke* linux windows prozessor* grafikkarte* open_source browser* update* glasfaser* router*', 'app apps computer* internet* digital* facebook whatsapp tiktok roboter* ki server* cloud* daten* samsung intel nvidia amd laptop* notebook*', 'online netz* technik* handy*'],
  science: ['forscher* wissenschaftler* archäolog* fossil* dinosaurier* raumfahrt* nasa esa astronaut* asteroid* teleskop* weltraum* physiker*', 'planet* studie forschung* gene dna arten universum mond mars rakete*', 'entdeck* erde'],
  health: ['krebs* impf* krankenhaus* klinik* patient* diabetes demenz ärzte arzt rki krankheit* krankenkasse* medikament*', 'gesundheit* corona* virus infektion* pflege* therapie* symptom* depression*', 'schlaf ernährung medizin*'],
  sport: ['bundesliga* fußball* nationalmannschaft* torwart* trainer* dfb* fc_bayern borussia schalke champions_league premier_league weltmeister* europameister* olympia* formel_1 handball* tennis* skispringen biathlon*', 'tor tore sieg* niederlage* spieler* spiel mannschaft* finale* meister* gold medaille* verein* trikot* stürmer* rennen', 'saison liga stadion partie'],
  culture: ['film* kino* schauspieler* sänger* album* konzert* autor* roman* theater* museum* regisseur* künstler* ausstellung* tatort eurovision* berlinale', 'musik* serie* buch bücher kunst* festival* netflix oper* königshaus*', 'star stars premiere bühne'],
  crime: ['polizei* mord* festgenommen tatverdächtig* ermittler* messerattacke messerangriff* erschossen vergewaltig* raubüberfall* einbrecher* staatsanwaltschaft*', 'verurteilt urteil* landgericht* gericht* haft* gefängnis* täter* gewalt* kripo', 'opfer verdacht* prozess*'],
  weather: ['unwetter* gewitter* schnee* sturm* orkan* regen* temperatur* wettervorhersage* wetterdienst frost* hitzewelle*', 'wetter* hochwasser* grad glätte* wind*', 'kalt warm sonnig*'],
  environment: ['klimawandel* klimaschutz* co2* erderwärmung* windkraft* windräder artenvielfalt* treibhausgas* energiewende*', 'klima* umwelt* natur* solar* erneuerbar* emission* plastik* naturschutz*', 'grün wald wälder tiere'],
  food: ['rezept* restaurant* koch köche michelin* kochen', 'essen gerichte wein* bier* kuchen* brot* käse* gemüse* fleisch*', 'lecker geschmack*'],
  travel: ['urlaub* reiseziel* tourist* tourismus* kreuzfahrt* hotel*', 'reise* strand* flughafen* flug flüge passagier*', 'insel* ausflug*'],
  motoring: ['elektroauto* e_auto autohersteller* tesla bmw mercedes audi porsche volkswagen vw', 'auto autos fahrzeug* motor* reichweite* ladestation* führerschein*', 'fahrer* verkehr*'],
  games: ['videospiel* computerspiel* playstation* xbox* nintendo* gamer* konsole*', 'gaming spieleentwickler* steam rollenspiel*', ''],
  education: ['schüler* lehrer* gymnasi* abitur* universität* studierende studenten hochschule* kita*', 'schule* bildung* unterricht* prüfung*', 'lernen'],
  world: ['ukrain* putin selenskyj gaza israel* hamas russland* china* trump iran* nato kreml', 'russisch* chinesisch* frankreich* usa us_präsident eu uno syrien* krieg* außenminister* sanktionen', 'rakete* soldat* flüchtling* präsident*'],
}

/** Words that give a topic away in Dutch. */
export const dutch: Lists = {
  politics: ['tweede_kamer kabinet* premier* vvd d66 pvv cda groenlinks pvda coalitie* verkiezing* kamerlid kamerleden staatssecretaris* wilders rutte', 'minister* politiek* partij* gemeenteraad* wetsvoorstel* kiezer*', 'stem* regering*'],
  business: ['aandel* beurs* aex omzet* failliet* inflatie* belegger* kwartaal* rente', 'bedrijf* miljard* economi* winst* verlies bank banken export* asml philips', 'euro markt* prijs* prijzen'],
  technology: ['kunstmatige_intelligentie smartphone* iphone* hacker* cyberaanval* chatgpt openai google apple microsoft software*', 'app apps computer* internet* digitale facebook tiktok robot* data', 'online'],
  science: ['onderzoekers wetenschapper* archeolo* fossiel* dinosaur* ruimtevaart* nasa astronaut* telescoop*', 'planeet* onderzoek wetenschap* dna soorten heelal maan', 'ontdek* aarde'],
  health: ['kanker* vaccin* ziekenhui* patiënt* diabetes dementie arts artsen huisarts* rivm', 'gezondheid* zorg* corona* virus besmetting* medicijn* symptom*', 'ziek* slaap'],
  sport: ['eredivisie voetbal* ajax psv feyenoord fc_twente oranje keeper* scheidsrechter* schaatsen wielren* verstappen champions_league ek wk formule_1', 'doelpunt* wedstrijd* winst nederlaag spelers trainer* finale* kampioen* medaille* tennis*', 'seizoen stadion club* goud'],
  culture: ['film* bioscoop* acteur* actrice* zanger* album* concert* schrijver* roman* theater* museum* regisseur* kunstenaar* tentoonstelling*', 'muziek* serie* boek* kunst* festival* netflix koning* prinses*', 'ster sterren première'],
  crime: ['politie* moord* aangehouden verdachte* steekpartij* neergeschoten verkracht* overval* inbra* justitie', 'veroordeeld rechtbank* cel gevangenis* dader* geweld*', 'slachtoffer*'],
  weather: ['knmi onweer* sneeuw* storm* regen* temperatu* weerbericht* hittegolf*', 'weer code_geel code_oranje graden wind*', 'koud warm'],
  environment: ['klimaatverandering* klimaatcrisis* co2* stikstof* windmolen* biodiversiteit* broeikas*', 'klimaat* milieu* natuur* duurza* uitstoot* plastic*', 'groene energie'],
  world: ['oekraïn* poetin zelensky gaza israël* hamas rusland* china* trump iran* navo', 'russisch* chinese duitsland* frankrijk* vs president* eu vn syrië* oorlog*', 'raket* soldaten vluchteling*'],
}
