BEGIN TRANSACTION;
CREATE TABLE events (
	id INTEGER NOT NULL, 
	created TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	address TEXT NOT NULL, 
	version TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	numbers TEXT NOT NULL, 
	row_hash TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "events" VALUES(1,'2026-11-27T16:01:36.957291Z','version','','0fd74b6cbfa59c46','proposed: app:f','{"author": "selfsame", "parent": "5ea783b9c68d9b10"}','fc3697e09633d9e898b7ad229790328b');
INSERT INTO "events" VALUES(2,'2026-11-27T16:01:36.980192Z','version','','b966993fc96d955b','approve app:f','{"author": "ada", "parent": "0fd74b6cbfa59c46", "uid": 0, "pid": 18022}','175b5b0a745b5bac2b37937c0d346220');
INSERT INTO "events" VALUES(3,'2026-11-27T16:01:37.008785Z','version','','f4dd93280053b5a4','pin app:g=original','{"author": "ada", "parent": "b966993fc96d955b", "uid": 0, "pid": 18022}','4b45f28612b108d504d340fdb5edaecc');
INSERT INTO "events" VALUES(4,'2026-11-27T16:01:37.043826Z','installed','app:f','','in process 7','{"rewrite": "80393ee6fce4f180"}','ef6c063abaf90cee9a3d5e4b575488f9');
INSERT INTO "events" VALUES(5,'2026-11-27T16:01:37.045604Z','mode','','','mode auto for app:* by ada','{"author": "ada", "mode": "auto", "pattern": "app:*", "uid": 0, "pid": 18022}','d73a75ba1d785135db84398afc3bfe71');
CREATE TABLE head (
	name TEXT NOT NULL, 
	version TEXT NOT NULL, 
	row_hash TEXT NOT NULL, 
	PRIMARY KEY (name)
)
 WITHOUT ROWID

;
INSERT INTO "head" VALUES('head','f4dd93280053b5a4','4233dcfab30f942856d7f60032a903cb');
CREATE TABLE meta (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	row_hash TEXT NOT NULL, 
	PRIMARY KEY ("key")
)
 WITHOUT ROWID

;
INSERT INTO "meta" VALUES('modes','{"program": null, "patterns": [["app:*", "auto"]]}','99c6d2b8e5466e0aca0e6ec92bb54709');
CREATE TABLE objects (
	id TEXT NOT NULL, 
	python TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	payload BLOB NOT NULL, 
	row_hash TEXT NOT NULL, 
	PRIMARY KEY (id, python)
)
 WITHOUT ROWID

;
INSERT INTO "objects" VALUES('80393ee6fce4f180','cpython-311','rewrite',X'8DA6666F726D617401A6707974686F6EAB63707974686F6E2D333131A761646472657373A56170703A66A874656D706C617465A5686F697374A666616D696C79A87265666163746F72A773756D6D617279A9686F697374206C656EA6736F75726365AD64656620662861293A202E2E2EA4636F6465C40500636F6465A9636F6E7374616E747390A667756172647390A5776174636890AA706172616D657465727390AC646570656E64656E6369657390','af06a90c6047142f6e7d27681b797434');
CREATE TABLE schema_version (
	version INTEGER NOT NULL, 
	created TEXT NOT NULL, 
	writer TEXT NOT NULL, 
	row_hash TEXT NOT NULL, 
	PRIMARY KEY (version)
)
 WITHOUT ROWID

;
INSERT INTO "schema_version" VALUES(2,'2026-11-27T16:01:36.902964Z','selfsame 0.1.0','5dc35427ed983de18066e20e7422a281');
CREATE TABLE selfsame_alembic (version_num VARCHAR(32) NOT NULL, CONSTRAINT selfsame_alembic_pkc PRIMARY KEY (version_num));
INSERT INTO "selfsame_alembic" VALUES('2');
CREATE TABLE snapshots (
	run TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	created TEXT NOT NULL, 
	data TEXT NOT NULL, 
	row_hash TEXT NOT NULL, 
	PRIMARY KEY (run)
)
 WITHOUT ROWID

;
INSERT INTO "snapshots" VALUES('run',1,'2026-11-27T16:01:37.067253Z','{"nodes": []}','e110d13e4f51a9571115112525961089');
CREATE TABLE trials (
	id INTEGER NOT NULL, 
	address TEXT NOT NULL, 
	variation TEXT NOT NULL, 
	verdict TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	created TEXT NOT NULL, 
	row_hash TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "trials" VALUES(1,'app:f','80393ee6fce4f180','same','{"variation": "80393ee6fce4f180", "verdict": "same"}','2026-11-27T16:01:37.066229Z','60971ee08ba4c64294c4ee019d9d2d25');
CREATE TABLE versions (
	id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	parent TEXT NOT NULL, 
	author TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	created TEXT NOT NULL, 
	text TEXT NOT NULL, 
	row_hash TEXT NOT NULL, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
INSERT INTO "versions" VALUES('0fd74b6cbfa59c46',2,'5ea783b9c68d9b10','selfsame','proposed: app:f','2026-11-27T16:01:36.955342Z','selfsame manifest 1
parent: 5ea783b9c68d9b10
author: selfsame
created: 2026-11-27T16:01:36.955342Z
reason: proposed: app:f

node app:f
  state: proposed
  by: selfsame
  content: 5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c
  rewrite: 80393ee6fce4f180
  template: hoist
  evidence: fuzzed 500
  depends app:g = 77ab77ab77ab77ab77ab77ab77ab77ab
  depends python = 3.11
','0da88eedff84b15c942511fc00951e1c');
INSERT INTO "versions" VALUES('5ea783b9c68d9b10',1,'','selfsame','the store is made','2026-11-27T16:01:36.902964Z','selfsame manifest 1
author: selfsame
created: 2026-11-27T16:01:36.902964Z
reason: the store is made
','5190d44a328e140ad4afcf3e259fb84a');
INSERT INTO "versions" VALUES('b966993fc96d955b',3,'0fd74b6cbfa59c46','ada','approve app:f','2026-11-27T16:01:36.978761Z','selfsame manifest 1
parent: 0fd74b6cbfa59c46
author: ada
created: 2026-11-27T16:01:36.978761Z
reason: approve app:f

node app:f
  state: active
  by: ada
  content: 5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c
  rewrite: 80393ee6fce4f180
  template: hoist
  evidence: fuzzed 500
  depends app:g = 77ab77ab77ab77ab77ab77ab77ab77ab
  depends python = 3.11
','e3f666fbb58e7f252af49dbfa2dbbc5a');
INSERT INTO "versions" VALUES('f4dd93280053b5a4',4,'b966993fc96d955b','ada','pin app:g=original','2026-11-27T16:01:37.007714Z','selfsame manifest 1
parent: b966993fc96d955b
author: ada
created: 2026-11-27T16:01:37.007714Z
reason: pin app:g=original

node app:f
  state: active
  by: ada
  content: 5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c
  rewrite: 80393ee6fce4f180
  template: hoist
  evidence: fuzzed 500
  depends app:g = 77ab77ab77ab77ab77ab77ab77ab77ab
  depends python = 3.11

node app:g
  state: pinned
  by: ada
  content: any
  rewrite: original
  reason: pinned to the original
','a9aad933d1e058644626b89582242d82');
CREATE INDEX ix_trials_address ON trials (address);
CREATE INDEX ix_events_address ON events (address);
COMMIT;
