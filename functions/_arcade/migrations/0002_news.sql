-- What is new in a game is found without looking at all there ever was.
CREATE INDEX event_of_game_new ON event (game, seq);
