import type { Lists } from './lists.ts'

/** Words that give a topic away in Danish. */
export const danish: Lists = {
  politics: ['folketing* statsminister* regeringen socialdemokrat* venstre konservative enhedslisten dansk_folkeparti radikale valgkamp* partileder* folketingsvalg* christiansborg løkke mette_frederiksen', 'minister* politiker* regering* lovforslag partiet partier kommunalvalg* borgmester* byråd* ordfører', 'valg vælger* kommune* forlig reform'],
  business: ['aktie* børs* regnskab* omsætning* konkurs* nationalbank* inflation* investor* milliardoverskud overskud underskud renten rentestigning*', 'virksomhed* direktør* milliard* eksport* novo_nordisk mærsk danske_bank økonomi* boligpris* fyringer erhverv* vækst bankerne', 'kroner marked* pris* selskab* bank medarbejder* løn pension*'],
  technology: ['kunstig_intelligens smartphone* iphone hacker* cyberangreb* chatgpt openai google apple microsoft software mobiltelefon*', 'app apps computer* teknologi* facebook tiktok internet* robot* data digital* algoritme*', 'sociale_medier online telefon* it'],
  science: ['forskere forsker forskning* arkæolog* fossil* dinosaur* rummet rumfart* nasa astronaut* asteroide* teleskop*', 'planet* videnskab* studie undersøgelse dna arter universet månen mars', 'opdag* fund jorden'],
  health: ['kræft* vaccin* sygehus* hospital* sundhedsstyrelsen patient* diabetes demens læger læge sygdom*', 'sundhed* behandling* medicin* corona* smitte* virus sygeplejerske* symptom* psykiatri*', 'syge rygning alkohol søvn kost'],
  sport: ['superliga* fodbold* landshold* håndbold* kampen målmand* træner* brøndby fck fc_københavn fc_midtjylland champions_league premier_league vm em ol tour_de_france badminton* cykelryt* landstræner*', 'mål sejr nederlag spiller* kamp holdet klubben finale* turnering* mester* guld sølv bronze medalje* vingegaard formel_1 tennis*', 'sæson liga stadion scor* vandt'],
  culture: ['film* biograf* skuespiller* sanger* album* koncert* roskilde_festival forfatter* roman* teater* museum* instruktør* tv_serie* kunstner* udstilling* melodi_grand_prix', 'musik* serie* bog* bøger kunst* festival* netflix dr1 tv_2 x_factor vild_med_dans kronprins* dronning* kongehus*', 'stjerne* premiere anmeldelse scenen'],
  crime: ['politiet drab* anholdt sigtet varetægtsfængsl* betjent* kniv* skudt skyderi* bande* voldtægt* røveri* tyveri* fængslet', 'dømt dom byret* landsret* retten anklager* fængsel vold* gerningsmand* efterlyst narko*', 'offer sag mistænkt efterforskning'],
  weather: ['dmi regnvejr* sne* storm* orkan* skybrud* tordenvejr temperatur* vejret vejrudsigt* frost*', 'regn varsel* oversvømmelse* hedebølge* grader vind* solskin', 'koldt varmt glat'],
  environment: ['klimakrise* klimaforandring* co2* klimaaftale* vindmølle* biodiversitet* forurening* drivhusgas* grøn_omstilling', 'klima* miljø* natur* solceller vedvarende udledning* plastik*', 'grøn energi skov* dyr'],
  food: ['opskrift* restaurant* kok kokken michelin* madlavning*', 'mad retter vin øl kage* brød ost* grøntsager kød kylling', 'spise smag*'],
  travel: ['rejsemål* ferie* turister turist* charter* hotel* flyrejse*', 'rejse* strand* lufthavn* fly passager*', 'øen tur'],
  motoring: ['elbil* bilen biler bilist* tesla toyota volkswagen hestekræfter', 'bil motor* kører rækkevidde ladestander*', 'vej'],
  education: ['folkeskole* gymnasi* elever elev lærer* studerende universitet* eksamen* skoler', 'skole* uddannelse* undervisning* karakter*', 'børnehave* pædagog*'],
  world: ['ukraine* putin zelenskyj gaza israel* hamas rusland* kina* trump iran* nato', 'russisk* kinesisk* tyskland* frankrig* usa præsident* eu fn syrien* krig*', 'raket* soldat* flygtning* udland*'],
}

/** Words that give a topic away in Norwegian. */
export const norwegian: Lists = {
  politics: ['storting* statsminister* regjeringen arbeiderpartiet høyre fremskrittspartiet senterpartiet valgkamp* partileder*', 'minister* politiker* regjering* statsråd* partiet partier', 'valg velger* kommune*'],
  business: ['aksje* børs* regnskap* omsetning* konkurs* norges_bank inflasjon* investor* renten rentehev*', 'selskap* milliard* equinor økonomi* boligpris* bedrift* næringsliv* overskudd', 'kroner marked* pris* bank lønn'],
  technology: ['kunstig_intelligens smarttelefon* iphone hacker* cyberangrep* chatgpt openai google apple microsoft programvare', 'app apper datamaskin* teknologi* facebook tiktok internett* robot* data digital*', 'sosiale_medier nett mobil*'],
  science: ['forskere forsker forskning* arkeolog* fossil* dinosaur* romfart* nasa astronaut* asteroide* teleskop*', 'planet* vitenskap* studie dna arter universet månen', 'oppdag* funn'],
  health: ['kreft* vaksin* sykehus* pasient* helsedirektoratet diabetes demens lege leger sykdom*', 'helse* behandling* medisin* korona* smitte* virus sykepleier* symptom*', 'syke søvn'],
  sport: ['eliteserie* fotball* landslag* håndball* keeper* trener* skiskyting* langrenn* rosenborg brann haaland ødegaard premier_league champions_league vm em ol', 'mål seier tap spiller* kamp* finale* mester* gull sølv bronse medalje* hopp*', 'sesong liga stadion vant'],
  culture: ['film* kino* skuespiller* sanger* album* konsert* forfatter* roman* teater* museum* regissør* kunstner* utstilling*', 'musikk* serie* bok* bøker kunst* festival* netflix nrk kongehus* kronprins* dronning*', 'stjerne* premiere anmeldelse'],
  crime: ['politiet drap* pågrepet siktet varetekt* politibetjent* kniv* skutt voldtekt* ran tyveri* fengslet', 'dømt dom tingrett* lagmannsrett* retten aktor fengsel vold* gjerningsmann*', 'offer sak mistenkt etterforskning'],
  weather: ['regn* snø* storm* orkan* temperatur* værmelding* meteorolog* frost* yr', 'varsel* flom* hetebølge* grader vind*', 'kaldt varmt glatt'],
  environment: ['klimakrise* klimaendring* co2* vindkraft* biologisk_mangfold forurens* klimagass*', 'klima* miljø* natur* fornybar* utslipp* plast*', 'grønn energi'],
  world: ['ukraina* putin zelenskyj gaza israel* hamas russland* kina* trump iran* nato', 'russisk* kinesisk* tyskland* frankrike* usa president* eu fn syria* krig*', 'rakett* soldat* flyktning*'],
}

/** Words that give a topic away in Swedish. */
export const swedish: Lists = {
  politics: ['riksdag* statsminister* regeringen socialdemokrat* moderaterna sverigedemokrat* centerpartiet miljöpartiet vänsterpartiet kristdemokrat* partiledare* valrörelse*', 'minister* politiker* regering* partiet partier', 'val väljar* kommun*'],
  business: ['aktie* börs* bokslut* omsättning* konkurs* riksbank* inflation* investerare räntan räntehöj* vinst*', 'företag* miljard* ekonomi* bostadspris* varsel näringsliv* storbank* h_m ericsson', 'kronor marknad* pris* bolag* bank lön*'],
  technology: ['artificiell_intelligens smartphone* iphone hacker* hackare cyberattack* chatgpt openai google apple microsoft programvara', 'app appar dator* teknik* facebook tiktok internet* robot* data digital*', 'sociala_medier nätet mobil*'],
  science: ['forskare forskning* arkeolog* fossil* dinosaur* rymd* nasa astronaut* asteroid* teleskop*', 'planet* vetenskap* studie dna arter universum månen', 'upptäck* fynd'],
  health: ['cancer* vaccin* sjukhus* patient* folkhälsomyndigheten diabetes demens läkare sjukdom*', 'hälsa vård* behandling* medicin* corona* smitt* virus sjuksköterska* symptom*', 'sjuka sömn'],
  sport: ['allsvensk* fotboll* landslag* handboll* ishockey* målvakt* tränare* shl djurgården hammarby aik malmö_ff premier_league champions_league vm em os', 'mål seger förlust spelare match* final* mästar* guld silver brons medalj*', 'säsong liga arena vann'],
  culture: ['film* bio skådespelar* sångar* album* konsert* författar* roman* teater* museum* regissör* konstnär* utställning* melodifestivalen', 'musik* serie* bok böcker konst* festival* netflix svt kunghus* kronprinsess* drottning*', 'stjärn* premiär recension'],
  crime: ['polisen mord* gripen anhållen häktad knivskär* skjuten skjutning* gäng* våldtäkt* rån* stöld*', 'dömd dom tingsrätt* hovrätt* åklagar* fängelse våld* gärningsman*', 'offer misstänkt utredning'],
  weather: ['smhi regn* snö* storm* orkan* temperatur* väderprognos* meteorolog* frost*', 'varning* översvämning* värmebölja* grader vind*', 'kallt varmt halt'],
  environment: ['klimatkris* klimatförändring* koldioxid* vindkraft* biologisk_mångfald förorening* växthusgas*', 'klimat* miljö* natur* förnybar* utsläpp* plast*', 'grön energi skog*'],
  world: ['ukraina* putin zelenskyj gaza israel* hamas ryssland* kina* trump iran* nato', 'rysk* kinesisk* tyskland* frankrike* usa president* eu fn syrien* krig*', 'robotattack* soldat* flykting*'],
}
