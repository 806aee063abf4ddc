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
INSERT INTO "events" VALUES(1,'2026-11-27T12:50:09.267284Z','version','','983ef91c46465ae6','proposed: app:f','{"author": "selfsame", "parent": "c041a6a46e14b92d"}','56dd5a064e326855573121ed7e94780f');
INSERT INTO "events" VALUES(2,'2026-11-27T12:50:09.272467Z','version','','e546790d2fd886a0','approve app:f','{"author": "ada", "parent": "983ef91c46465ae6"}','7f28af8cf5504eb74f0417a81be55eeb');
INSERT INTO "events" VALUES(3,'2026-11-27T12:50:09.277014Z','version','','d297ebf9961affda','pin app:g=original','{"author": "ada", "parent": "e546790d2fd886a0"}','8404200f215782b52dde6d05c77fc688');
INSERT INTO "events" VALUES(4,'2026-11-27T12:50:09.281280Z','installed','app:f','','in process 7','{"rewrite": "80393ee6fce4f180"}','3cb3dd5ced22bffbbc99003d673e8480');
INSERT INTO "events" VALUES(5,'2026-11-27T12:50:09.286119Z','mode','','','mode auto for app:* by ada','{"author": "ada", "mode": "auto", "pattern": "app:*"}','d94f531931b51e0147377590a07e440b');
CREATE TABLE head (
	name TEXT NOT NULL, 
	version TEXT NOT NULL, 
	row_hash TEXT NOT NULL, 
	PRIMARY KEY (name)
)
 WITHOUT ROWID

;
INSERT INTO "head" VALUES('head','d297ebf9961affda','adfcbe69568a6059562a7e8b5eac6dd4');
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
INSERT INTO "schema_version" VALUES(1,'2026-11-27T12:50:09.243249Z','selfsame 0.1.0','f767b2092e1e0321ac460c68e6ebb407');
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
INSERT INTO "snapshots" VALUES('run',1,'2026-11-27T12:50:09.282807Z','{"nodes": []}','293eee9f9d9683d4cde4cda1b864b88f');
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
INSERT INTO "trials" VALUES(1,'app:f','80393ee6fce4f180','same','{"variation": "80393ee6fce4f180", "verdict": "same", "speedup": {"median": 2.0}}','2026-11-27T12:50:09.279833Z','9491fb306778f80869501e40077d56fb');
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
INSERT INTO "versions" VALUES('983ef91c46465ae6',2,'c041a6a46e14b92d','selfsame','proposed: app:f','2026-11-27T12:50:09.264353Z','selfsame manifest 1
parent: c041a6a46e14b92d
author: selfsame
created: 2026-11-27T12:50:09.264353Z
reason: proposed: app:f

node app:f
  state: proposed
  by: selfsame
  content: 5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c
  rewrite: 80393ee6fce4f180
  template: hoist
  evidence: replayed 812
  depends python = 3.11
','3902f1278c03e276cccd81b89d7883d5');
INSERT INTO "versions" VALUES('c041a6a46e14b92d',1,'','selfsame','the store is made','2026-11-27T12:50:09.243249Z','selfsame manifest 1
author: selfsame
created: 2026-11-27T12:50:09.243249Z
reason: the store is made
','4c939fb0976ed40c0811521b979442dc');
INSERT INTO "versions" VALUES('d297ebf9961affda',4,'e546790d2fd886a0','ada','pin app:g=original','2026-11-27T12:50:09.275491Z','selfsame manifest 1
parent: e546790d2fd886a0
author: ada
created: 2026-11-27T12:50:09.275491Z
reason: pin app:g=original

node app:f
  state: active
  by: ada
  content: 5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c
  rewrite: 80393ee6fce4f180
  template: hoist
  evidence: replayed 812
  depends python = 3.11

node app:g
  state: pinned
  by: ada
  content: any
  rewrite: original
  reason: pinned to the original
','5732886b3dbb291a82c70db4382ab88b');
INSERT INTO "versions" VALUES('e546790d2fd886a0',3,'983ef91c46465ae6','ada','approve app:f','2026-11-27T12:50:09.271108Z','selfsame manifest 1
parent: 983ef91c46465ae6
author: ada
created: 2026-11-27T12:50:09.271108Z
reason: approve app:f

node app:f
  state: active
  by: ada
  content: 5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c
  rewrite: 80393ee6fce4f180
  template: hoist
  evidence: replayed 812
  depends python = 3.11
','15059032797ac7ffde273572c3696b83');
CREATE INDEX ix_trials_address ON trials (address);
COMMIT;
