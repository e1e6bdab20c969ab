import type { Lists } from './lists.ts'

/** Words that give a topic away in French. */
export const french: Lists = {
  politics: ['assemblée_nationale sénat* député* premier_ministre élysée matignon macron le_pen mélenchon rassemblement_national législatives présidentielle* élections municipales bayrou barnier', 'ministre* gouvernement* parti élection* président* électeur* projet_loi gauche droite', 'réforme* vote politique*'],
  business: ['bourse* cac_40 actionnaire* inflation* chiffre_affaires faillite* investisseur* bénéfice* pib banque_centrale', 'entreprise* milliard* économi* croissance* licenciement* banque* exportation* groupe patron*', 'euros marché* prix salarié* emploi*'],
  technology: ['intelligence_artificielle smartphone* iphone* cyberattaque* pirate* chatgpt openai google apple microsoft logiciel*', 'application* ordinateur* internet numérique* facebook tiktok robot* données', 'réseaux_sociaux ligne'],
  science: ['chercheur* scientifique* archéolog* fossile* dinosaure* astronaute* nasa télescope* astéroïde*', 'planète* étude recherche* adn espèce* univers lune spatial*', 'découv* terre'],
  health: ['cancer* vaccin* hôpital* hôpitaux patient* diabète médecin* maladie* infirmi*', 'santé traitement* médicament* covid* virus symptôme* épidémie*', 'soins sommeil'],
  sport: ['ligue_1 football* psg olympique_marseille équipe_france bleus entraîneur* gardien rugby* roland_garros tour_france champions_league jeux_olympiques mbappé xv', 'match* victoire* défaite* joueur* but buts finale* champion* médaille* tennis* club*', 'saison stade or'],
  culture: ['film* cinéma* acteur* actrice* chanteu* album* concert* romancier* roman théâtre* musée* réalisat* exposition* festival_cannes', 'musique* série* livre* artiste* festival* netflix opéra* écrivain*', 'star scène culture*'],
  crime: ['meurtre* interpellé* garde_vue gendarme* gendarmerie viol violeur homicide* mis_examen braquage* policiers', 'police condamné* procès tribunal* prison* enquête* suspect* parquet agression*', 'victime* justice'],
  weather: ['météo* orage* neige tempête* vigilance canicule* inondation* températures', 'pluie* degrés vent vents', 'froid chaleur'],
  environment: ['changement_climatique réchauffement* climatique* biodiversité gaz_effet éoliennes écologi*', 'climat environnement* pollution* carbone émissions renouvelables plastique*', 'nature énergie'],
  world: ['ukrain* poutine zelensky gaza israël* hamas russie* chine* trump iran* otan kremlin', 'russe* chinois* allemagne* états_unis ue onu syrie* guerre* sanctions', 'missile* soldat* réfugié*'],
}

/** Words that give a topic away in Spanish. */
export const spanish: Lists = {
  politics: ['congreso* senado* diputad* psoe pp vox sumar moncloa pedro_sánchez feijóo elecciones presidente_gobierno parlament* investidura', 'ministr* gobierno* partido electoral* president* votant*', 'reforma* ley política*'],
  business: ['bolsa* ibex accionist* inflación quiebra* inversor* beneficio* pib banco_central aranceles facturación', 'empresa* econom* millones crecimiento* despido* banco* exportacion*', 'euros mercado* precio* empleo*'],
  technology: ['inteligencia_artificial smartphone* iphone* ciberataque* hacker* chatgpt openai google apple microsoft software', 'aplicación aplicaciones ordenador* internet digital* facebook tiktok robot* datos tecnol*', 'redes_sociales móvil*'],
  science: ['científic* investigador* arqueólog* fósil* dinosauri* astronaut* nasa telescopi* asteroid*', 'planeta* estudio adn especie* universo luna espacial*', 'descubr* tierra'],
  health: ['cáncer* vacuna* hospital* paciente* diabetes médico médicos enfermedad* sanitari*', 'salud tratamiento* medicamento* covid* virus síntoma* epidemia*', 'sueño'],
  sport: ['fútbol* laliga la_liga real_madrid barça atlético entrenador* portero champions_league selección mundial eurocopa nadal alcaraz juegos_olímpicos fórmula_1', 'partido_liga victoria* derrota* jugador* gol goles final campeón campeon* medalla* tenis* club*', 'temporada estadio'],
  culture: ['película* cine actor actriz cantante* álbum concierto* escritor* novela* teatro* museo* director_cine exposición goya', 'música* serie* libro* artista* festival* netflix ópera*', 'estrella cultura*'],
  crime: ['asesin* detenid* guardia_civil apuñal* tirote* violación homicid* robo robos policía', 'condenad* juicio tribunal* cárcel prisión juez* fiscal* agresión', 'víctima* investiga*'],
  weather: ['aemet tormenta* nieve* temporal lluvia* temperaturas ola_calor borrasca*', 'grados viento* inundacion* tiempo', 'frío calor'],
  environment: ['cambio_climático calentamiento* biodiversidad gases_efecto renovables ecolog*', 'clima* medioambient* ambiental* contaminación carbono emisiones plástico*', 'naturaleza energía'],
  world: ['ucrani* putin zelenski gaza israel* hamás rusia* china* trump irán* otan kremlin', 'ruso* chino* alemania* estados_unidos ue onu siria* guerra* sanciones', 'misil* soldado* refugiad*'],
}

/** Words that give a topic away in Portuguese. */
export const portuguese: Lists = {
  politics: ['parlamento* deputad* primeiro_ministro psd chega eleições assembleia_república senado* montenegro lula bolsonaro marcelo', 'ministr* governo* partido eleitor* president* secretári*', 'reforma* lei política*'],
  business: ['bolsa* psi_20 accionist* acionist* inflação falência* investidor* lucro* pib banco_central exportações', 'empresa* econom* milhões crescimento* despedimento* banco* défice', 'euros mercado* preço* emprego*'],
  technology: ['inteligência_artificial smartphone* iphone* ciberataque* hacker* chatgpt openai google apple microsoft software', 'aplicação aplicações computador* internet digital* facebook tiktok robô* dados tecnol*', 'redes_sociais telemóve*'],
  science: ['cientista* investigador* arqueólog* fósse* dinossauro* astronaut* nasa telescópio* asteroide*', 'planeta* estudo adn espécie* universo lua espacial*', 'descob* terra'],
  health: ['cancro* câncer* vacina* hospital hospitais doentes paciente* diabetes médicos doença*', 'saúde tratamento* medicamento* covid* vírus sintoma* epidemia*', 'sono'],
  sport: ['futebol* benfica sporting fc_porto treinador* guarda_redes liga_campeões selecção seleção ronaldo jogos_olímpicos', 'vitória* derrota* jogador* golo* gols final campeã* medalha* ténis club*', 'época estádio'],
  culture: ['filme* cinema actor ator actriz atriz cantor* álbum concerto* escritor* romance teatro* museu* realizador* exposição', 'música* série* livro* artista* festival* netflix ópera*', 'estrela cultura*'],
  crime: ['homicíd* assassin* detido* gnr psp judiciária esfaque* violação assalto* polícia', 'condenad* julgamento tribunal* prisão juiz* ministério_público agressão', 'vítima* investiga*'],
  weather: ['ipma tempestade* neve chuva* temperaturas onda_calor mau_tempo', 'graus vento* inundaç*', 'frio calor'],
  environment: ['alterações_climáticas aquecimento* biodiversidade gases_efeito renováveis ecolog*', 'clima* ambient* poluição carbono emissões plástico*', 'natureza energia incêndio*'],
  world: ['ucrâni* putin zelensky gaza israel* hamas rússia* china* trump irão* nato kremlin', 'russo* chinês* alemanha* estados_unidos ue onu síria* guerra* sanções', 'míss* soldado* refugiad*'],
}

/** Words that give a topic away in Italian. */
export const italian: Lists = {
  politics: ['parlamento* senato* deputat* meloni salvini schlein palazzo_chigi elezioni presidente_consiglio fratelli_italia partito_democratico quirinale mattarella', 'ministr* governo* partito elettor* president* sindac*', 'riforma* legge politic*'],
  business: ['borsa* azionist* inflazione fallimento* investitor* utile pil bce piazza_affari fatturato', 'aziend* econom* miliard* crescita* licenziament* banca banche esportazion*', 'euro mercat* prezz* lavoro'],
  technology: ['intelligenza_artificiale smartphone* iphone* hacker* chatgpt openai google apple microsoft software', 'applicazion* computer internet digital* facebook tiktok robot* dati tecnolog*', 'social online'],
  science: ['scienziat* ricercator* archeolog* fossil* dinosaur* astronaut* nasa telescopi* asteroid*', 'pianeta pianeti studio dna specie universo luna spazial*', 'scopert* terra'],
  health: ['tumor* vaccin* ospedal* pazient* diabete medici malatti*', 'salute cura terapi* farmac* covid* virus sintom* epidemi*', 'sonno'],
  sport: ['calcio* serie_a juventus milan inter napoli roma_lazio allenator* portiere champions_league nazionale sinner ferrari_f1 olimpiadi giro_italia', 'partita vittori* sconfitt* giocator* gol finale campion* medagli* tennis squadra*', 'stagione stadio'],
  culture: ['film cinema attor* attrice cantant* album concert* scrittor* romanzo teatr* museo musei regist* mostra sanremo', 'musica* serie libro libri artist* festival* netflix opera', 'stella cultur*'],
  crime: ['omicid* arrestat* carabinier* accoltell* sparator* stupro rapin* polizia', 'condannat* processo tribunal* carcere giudic* procura aggression*', 'vittim* indagin*'],
  weather: ['meteo* temporal* neve maltempo pioggi* temperatur* allerta', 'gradi vento alluvion*', 'freddo caldo'],
  environment: ['cambiamento_climatico riscaldamento_globale biodiversità gas_serra rinnovabil* ecolog*', 'clima* ambient* inquinamento carbonio emission* plastica', 'natura energia'],
  world: ['ucrain* putin zelensky gaza israel* hamas russia* cina* trump iran* nato cremlino', 'russ* cines* germania* stati_uniti ue onu siria* guerra* sanzion*', 'missil* soldat* rifugiat*'],
}
