BEGIN TRANSACTION;
CREATE TABLE about (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "about" VALUES('version','1');
CREATE TABLE notifications (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	received_at_us BIGINT NOT NULL, 
	call_id TEXT NOT NULL, 
	entity TEXT NOT NULL, 
	resource TEXT NOT NULL, 
	change_type TEXT NOT NULL, 
	state TEXT, 
	direction TEXT, 
	etag TEXT, 
	answered_by TEXT, 
	active_modalities TEXT, 
	tone TEXT, 
	result_code BIGINT, 
	result_subcode BIGINT, 
	result_message TEXT, 
	raw TEXT NOT NULL
);
INSERT INTO "notifications" VALUES(1,5,'old','call','/app/calls/old','updated','ringing',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"changeType":"updated"}');
CREATE TABLE requests (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	sent_at_us BIGINT NOT NULL, 
	method TEXT NOT NULL, 
	url TEXT NOT NULL, 
	operation TEXT NOT NULL, 
	call_id TEXT, 
	status INTEGER, 
	duration_us BIGINT NOT NULL, 
	request_id TEXT, 
	client_request_id TEXT, 
	request_body TEXT, 
	response_body TEXT, 
	error TEXT
);
INSERT INTO "requests" VALUES(1,1,'POST','http://x/beta/app/calls','create','old',201,2,NULL,NULL,NULL,NULL,NULL);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('notifications',1);
INSERT INTO "sqlite_sequence" VALUES('requests',1);
COMMIT;
