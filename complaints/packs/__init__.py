"""Evidence packs: a case or a complaint as a ZIP that anybody can check, against itself and against the database."""
