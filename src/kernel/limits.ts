/** Every bound of the relay, with its reason or source. Units stand last in each name. */

// What a publisher may send
export const EVENT_BODY_BYTES_MAX = 1024 * 1024; // half of a Durable Object row (2 MB): the row also holds the headers
export const EVENT_JSON_DEPTH_MAX = 256; // far beyond real documents; receivers' recursive parsers survive it
export const PARTITION_KEY_BYTES_MAX = 256;
export const CORRELATION_ID_CHARS_MAX = 256;
export const TRACESTATE_CHARS_MAX = 512; // what everybody has to pass on at least (Trace Context §3.3.3.1)
export const TRACESTATE_MEMBERS_MAX = 32; // Trace Context §3.3.1.1
export const IDEMPOTENCY_KEY_CHARS_MAX = 256;
export const IDEMPOTENCY_WINDOW_MS = 24 * 3600_000;
export const CHANNEL_CHARS_MAX = 1024;
export const AUTHORIZATION_CHARS_MAX = 4096; // an access token has some 800
export const REQUEST_HEADERS_BYTES_MAX = 32 * 1024; // what the relay reads of them is bounded one by one, far below; the platform takes 128 KiB
export const UNREAD_BODY_BYTES_MAX = 8 * 1024 * 1024; // of a refused request: eight times the largest body that is taken
export const UNREAD_BODY_MS_MAX = 1000; // as long as workerd itself reads on
export const CLOUDEVENT_ATTRIBUTES_BYTES_MAX = 8 * 1024; // names, and values as headers: most receivers take 16 KiB of all headers together
export const CLOUDEVENT_EXTENSIONS_MAX = 20;
export const CLOUDEVENT_MEMBERS_MAX = 64; // of one in JSON: more than it may have attributes, and those that are null
export const CLOUDEVENT_BATCH_EVENTS_MAX = 100; // one transaction of their log
export const CLOUDEVENT_BATCH_ERRORS_MAX = 100; // in an answer: one for each event
export const CLOUDEVENT_NAME_CHARS_MAX = 64; // of what stands where an attribute's name should, in an answer
export const HOPS_MAX = 5; // relays one behind the other: honest chains have two or three

// What the control plane takes
export const MANAGEMENT_BODY_BYTES_MAX = 64 * 1024;
export const DOCUMENT_BYTES_MAX = 1024 * 1024;
export const DOCUMENT_DEPTH_MAX = 128;
export const DOCUMENT_ALIASES_MAX = 1000; // "billion laughs": YAML aliases that expand without end
export const CHANNELS_PER_API_MAX = 200; // a control-plane push is one RPC a channel; a Worker may make 1,000 subrequests
export const LOGS_PER_API_MAX = 400; // shards of channels that are gone included: they take part in every push
export const ENDPOINT_URL_CHARS_MAX = 2048;
export const RATE_PER_SECOND_MIN = 0.01; // slower than one event in two minutes is a pause
export const RATE_PER_SECOND_MAX = 10_000;
export const RATE_BURST_MAX = 10_000;
export const IN_FLIGHT_MAX = 100; // a bound that a subscription may set; beyond a consumer's connections it changes nothing
export const CUSTOM_HEADERS_MAX = 10;
export const METADATA_ENTRIES_MAX = 20;
export const PAGE_ROWS_MAX = 100;
export const CONSENT_NOTICE_GAP_MS = 3600_000; // between two notices to a data owner that one subscription asks, while it has not decided

// The topic log
export const STORAGE_BYTES_MAX = 8 * 1024 ** 3; // of the 10 GB that an object has: what is accepted by then has to be delivered and noted
export const STORAGE_NEARLY_FULL_BYTES = 7 * 1024 ** 3; // the publisher hears of it while there is room for the last eighth
export const APPEND_WAITING_BYTES_MAX = 32 * 1024 * 1024; // what may wait for the next group commit: a quarter of an isolate
export const APPEND_EVENTS_MAX = 500; // one transaction of the group commit, and what the last call in it has beyond
export const PUBLISHER_BUCKETS_MAX = 1_000; // publishers of one log whose rate it remembers
export const WAKE_COVER_MS = 30_000; // how long a sent wake, or the alarm behind it, may take before the log sends another
export const ALARM_LOST_MS = 10_000; // how late an alarm may be before it is set again: the platform's are mostly late by milliseconds
export const SLEEPER_GRACE_MS = 5_000; // how late a delayed wake may come before the alarm takes its place
export const SHORT_WAIT_MS = 1_000; // a queue's delays are whole seconds: for less, a consumer waits where it is
export const LEASE_EVENTS_MAX = 100;
export const LEASE_EVENTS_INITIAL = 16; // an endpoint that nobody knows yet gets little at first; the window doubles while all goes well
export const LEASE_EVENTS_PER_KEY_MAX = 20;
export const LEASE_BYTES_MAX = 2 * 1024 * 1024; // an RPC may carry 32 MiB; an isolate has 128 MB for everything
export const SCAN_ROWS_MAX = 2_000; // rows one call may look at: bounded work whatever the backlog
export const SEARCH_ROWS_MAX = 20_000; // rows that one search for events may pass: milliseconds, or what a busy log takes in some ten seconds
export const LISTED_BYTES_MAX = 1024 * 1024; // payloads in one page of a list of events that shows them
export const RECENT_EVENTS_MAX = 1_000; // kept in memory by each log, at least; twice as many at most
export const RECENT_EVENT_BYTES_MAX = 4 * 1024 * 1024; // the same, in bytes: many logs share an isolate of 128 MB
export const RETENTION_DAYS_DEFAULT = 30;
export const RETENTION_RETRY_MS = 3600_000; // what is old and still owed to somebody is looked at again after that
export const RETENTION_STEP_MS = 60_000; // between two looks at what is overdue: an attempt ends within it
export const EXPIRED_PER_ALARM_MAX = 1_000; // events given up in one transaction, a row each
export const DAY_MS = 24 * 3600_000;
export const SEGMENT_MS = DAY_MS; // events that are forgotten together: retention is said in days
export const KEY_BLOCK_EVENTS = 1024; // hashes a key_block row: 4 KiB
export const KEY_SEARCH_BLOCKS_MAX = 4_096; // blocks one call may search for next events: 4 million events of backlog
export const RETRY_DELAY_SECONDS_MAX = 12 * 3600; // a queue message may wait 24 h; a lane due later is waited for in two naps
export const CAUGHT_UP_ROWS_MAX = 1_000; // events that a log looks at when it is opened, to know whom they are for …
export const CAUGHT_UP_CHECKS_MAX = 100_000; // … a look at one for one subscription each: some 10 ms
export const CAUGHT_UP_BEHIND_MAX = 1_000; // subscriptions that are not served yet: where there are more, to wake a few in vain is no matter
export const WAKES_PER_SEND_MAX = 100; // sendBatch
export const SENDS_AT_ONCE_MAX = 5; // an object has six connections waiting for an answer at once
export const ATTEMPT_DAYS_KEPT = 30; // the delivery log: receivers choose how large their answers are, an object has 10 GB
export const ATTEMPT_ROWS_MAX = 10_000; // rows of the delivery log that one search may look through: a settled lease each
export const ATTEMPT_ROWS_PER_ANSWER_MAX = 100_000; // over all of its searches: the log serves nobody else meanwhile
export const ATTEMPT_CHARS_MAX = 16 * 1024 * 1024; // of those rows: a receiver that fails on purpose makes each one 100 KB, and an object has 128 MB
export const ATTEMPTS_SHOWN_MAX = 50; // of one delivery: the newest tell how it stands
export const SENT_LOOKED_AT_MAX = 200; // events of a data owner that one answer looks at, whether or not they were sent
export const SENT_ATTEMPT_ROWS_MAX = 1_000; // rows of the delivery log that one of them is looked for in: its first attempt is mostly among the first
export const EVENT_SUBSCRIPTIONS_LOOKED_AT_MAX = 200; // in one answer to what became of an event
export const DEAD_LOOKED_AT_MAX = 10_000; // dead deliveries that one call may look at …
export const DEAD_RETRIED_MAX = 1_000; // … and bring back, a row each
export const BLOCKED_SHOWN_MAX = 20; // keys that a status names
export const STATUS_ROWS_MAX = 10_000; // rows a status may count before it says "at least"
export const BACKLOG_SAMPLE_MS = 5 * 60_000; // of one note of a subscription's backlog in its delivery log: to count it costs more than the row …
export const BACKLOG_SAMPLE_ROWS_MAX = 500; // … so one looks at so many rows, and takes the rest to be like them …
export const BACKLOG_SAMPLE_LANES_MAX = 100; // … into so many lanes …
export const BACKLOG_SAMPLE_BLOCKS_MAX = 256; // … with so many blocks searched, over all of them …
export const BACKLOG_SAMPLE_STEPS_MAX = 30_000; // … and filters that take so many steps: a millisecond in all …
export const BACKLOG_SAMPLE_PLACES = 250; // … and, where that does not suffice, at so many places between the first lane and the cursor
export const HEALTH_ROWS_PER_BUCKET_MAX = 500; // rows of the delivery log in a bucket of a chart, among which those that delivered are looked for; some 50,000 in a whole series
export const HEALTH_LATENCY_ROWS_MAX = 5; // of those that did, rows whose attempts are looked into one by one …
export const HEALTH_LATENCIES_MAX = 50; // … for so many of them: the Worker sums up hundreds of logs
export const HEALTH_CHARS_MAX = 4 * 1024 * 1024; // of these rows, over all buckets: a row may have 100 KB
export const STATUS_LANES_MAX = 2_000; // failing keys that a status looks into, each with a search for what waits behind it
export const SHARDS_MAX = 64; // logs of one topic: six bits of an event's id name one
export const INHERITED_SUBSCRIPTIONS_MAX = 100; // in one answer of a log to the one that takes keys over from it …
export const INHERITED_CONSENTS_MAX = 20_000; // … and their consents: an RPC may carry 32 MiB
export const GATE_ASKS_MAX = 100; // subscriptions that one question to a predecessor is about
export const GATE_QUESTIONS_MAX = 20; // of them in one run of the alarm
export const GATE_LANES_MAX = 1_000; // lanes looked at for each of them
export const GATE_ASK_MS_MIN = 200; // between two questions while things move …
export const GATE_ASK_FRACTION = 1 / 8; // … and of the time that nothing has moved for …
export const GATE_ASK_MS_MAX = 30_000; // … at most
export const LOGS_PER_TICK_MAX = 500; // logs one cron run looks after: half of the subrequests it may make
export const STALE_LANES_PER_ALARM_MAX = 1_000;

// Consumers that fetch their events themselves
export const PULL_SLOTS = 64; // leases of one subscription in one log at once: each is a row, and a look for each event that is taken
export const PULL_EVENTS_MAX = 100; // in one answer
export const PULL_EVENTS_DEFAULT = 10;
export const PULL_ANSWER_BYTES_MAX = 2 * 1024 * 1024; // of events: as many are asked of no further log; the last one may add a lease's bytes
export const PULL_GATHER_MS_MAX = 1_000; // from the first lease on: what is leased goes out, or an owner who withdraws consent is told too much
export const PULL_LOOK_MS_MAX = 10_000; // for the first lease, over all logs
export const PULL_LEASE_SECONDS_MIN = 1;
export const PULL_LEASE_SECONDS_DEFAULT = 30;
export const PULL_LEASE_SECONDS_MAX = 300; // what a consumer that died has is nobody else's for so long
export const PULL_SETTLED_MAX = 100; // outcomes in one call: as many as an answer has events
export const PULL_SEARCH_ROWS_MAX = 200; // to find an event that is not leased any more, where its id says that it is
export const PULL_RENEWED_MAX = 100; // leases in one call, a row each

// Publishers with a live connection
export const PUBLISH_FRAME_BYTES_MAX = EVENT_BODY_BYTES_MAX + 16 * 1024; // the event, and what stands beside it: the longest of all, escaped, has 11 KiB
export const PUBLISH_FRAME_ID_CHARS_MAX = 64; // it tells the answers of one connection apart
export const PUBLISH_FRAME_MEMBERS_MAX = 16; // more than there are names for: beyond, it is not said which one is unknown
export const FRAMES_WAITING_MAX = 2_000; // sent ahead of their answers, on one connection …
export const FRAMES_WAITING_CHARS_MAX = 4 * 1024 * 1024; // … and all of them together: two bytes a character at most, and an isolate has 128 MB
export const ANSWERS_PER_CONNECTION_CHARS_MAX = 4 * 1024 * 1024; // a socket does not say how much of them the client has not read
export const FRAMES_PER_CONNECTION_MAX = 3_000; // a Worker invocation may make 10,000 subrequests, and a publish makes three of them at worst

// Subscriptions' filters. A step is a schema applied to a value, a member looked at, a character matched: 10 to 100 ns
export const FILTER_BYTES_MAX = 16 * 1024; // of JSON: each log of an API holds the filter of each of its subscriptions
export const FILTER_EVENT_STEPS_MAX = 100_000; // one event against one filter: honest ones take tens, an array of 10,000 items some ten thousand
export const FILTER_CALL_STEPS_MAX = 300_000; // one call, over all events: for so long, some 10 ms, the log serves nobody else
export const FILTER_APPEND_STEPS_MAX = 100_000; // one transaction of the group commit: whose filter is not asked by then is woken
export const FILTER_READ_STEPS = 200; // to read an event from the disk; to parse it is a step for two bytes
export const FILTER_COMPILE_STEPS = 20_000; // where it is not in memory
export const FILTER_CHAR_BYTES = 50; // what a character of a filter takes when it is compiled, patterns apart
export const FILTER_PATTERN_BYTES_MAX = 64 * 1024; // its patterns, compiled: some 700 characters, repetitions written out
export const FILTER_HELD_BYTES_MAX = FILTER_BYTES_MAX * FILTER_CHAR_BYTES + 2 * FILTER_PATTERN_BYTES_MAX; // one compiled filter
export const FILTER_CACHE_BYTES_MAX = 8 * 1024 * 1024; // all that a log keeps compiled: more than a thousand honest ones

// A subscription's circuit: whoever fails by design at first, event for event, does not open it
export const CIRCUIT_FAILURES_MIN = 20; // failed attempts, none delivered in between …
export const CIRCUIT_KEYS_MIN = 3; // … of so many keys …
export const CIRCUIT_FAILING_MS_MIN = 60_000; // … over so long
export const CIRCUIT_DELAY_SECONDS_MAX = 30; // between two looks whether the endpoint is back: whoever waits for it waits no longer

// Notices: what the relay tells of itself
export const NOTICE_GAP_MS = 60_000; // between two calls of a log that has something to tell: what is dead meanwhile is one notice
export const NOTICE_GAP_MAX_MS = 3600_000; // where nobody comes, each is twice the one before, up to this
export const NOTICES_WAITING_MAX = 10_000; // of one log: where nobody has come for so long, the oldest are forgotten
export const NOTICES_TAKEN_MAX = 100; // of one log at once: one transaction of the notices' own log
export const NOTICES_SENT_MAX = 100; // of the registry's outbox, the same
export const NOTICE_SENDINGS_PER_TICK_MAX = 10; // of so many each, in one cron run
export const FAILING_NOTICE_MS = DAY_MS; // so long nothing but failures, and each time as long again
export const BACKLOG_NOTICE_MS = 3600_000; // the oldest event has waited for so long
export const BACKLOG_LOOK_MS = 60_000; // between two looks whether it still does

// The consumer
export const CONNECTIONS_MAX = 6; // a Worker invocation has six connections waiting for headers at once
export const ATTEMPT_CONNECTIONS_MAX = 5; // one is left for calls to the logs
export const CONNECTION_PATIENCE_MS = 2_000; // how long an attempt waits for its connection before its key is given back untried
export const DRAIN_MS = 10_000; // how long one wake goes on taking leases
export const GIVE_BACK_MS = 250; // then the queue() call returns and the rest goes on in waitUntil: a quick wake ends within it, a slow one holds up nobody
export const SEND_MARGIN_MS = 10_000; // the longest stall between "may I send?" and the send that order survives
export const BACKGROUND_MS = 28_000; // of the 30 s that waitUntil gives what goes on after a handler has ended
export const MESSAGE_ATTEMPTS_MAX = 90; // a queue drops a message after 100 tries: before that, the log sends a fresh wake
export const RPC_TRIES_MAX = 3;

// A delivery attempt
export const ATTEMPT_TIMEOUT_SECONDS_DEFAULT = 15;
export const ATTEMPT_TIMEOUT_SECONDS_MAX = 30; // what a subscription may ask for
export const ATTEMPT_SECONDS_MAX = 25; // what it gets at most: an attempt and its settle have to end within BACKGROUND_MS
export const RESPONSE_READ_BYTES_MAX = 64 * 1024;
export const RESPONSE_KEPT_BYTES_MAX = 1024;
export const RETRY_AFTER_SECONDS_MAX = 3600;
export const RETRY_AFTER_SECONDS_MIN = 1; // "Retry-After: 0" is not a licence for a busy loop

// The look-up of an endpoint's name, and what its owner is asked
export const NAME_LOOK_UP_MS = 2_000; // both questions: a resolver near by takes tens of ms, and an attempt waits for them
export const NAME_CACHE_ENTRIES_MAX = 1_000;
export const NAME_SECONDS_MIN = 30; // how long an isolate believes an answer: its time to live within these two
export const NAME_SECONDS_MAX = 300;
export const NAME_UNRESOLVED_SECONDS = 10; // of a name that is not there (yet)
export const NAME_TROUBLE_SECONDS = 5; // of a name that the resolver gave no answer for
export const HANDSHAKE_SECONDS_MAX = 20; // with the look-up before it and the pushes behind it, within BACKGROUND_MS
export const CHALLENGE_GAP_FIRST_MS = 60_000; // doubles each time …
export const CHALLENGE_GAP_MAX_MS = 2 * 3600_000;
export const CHALLENGE_TRIES_MAX = 18; // … so that an endpoint is asked for a day
export const CHALLENGES_PER_TICK_MAX = 50; // six at once, 22 s each at worst: three minutes of the fifteen that a cron run has

// MQTT
export const MQTT_CONNECT_MS = 10_000; // until a connection has said who it is
export const MQTT_CONNECT_BYTES_MAX = 128 * 1024; // of somebody unknown: room for a will of 64 KiB, the most that fits into one
export const MQTT_PACKET_BYTES_MAX = EVENT_BODY_BYTES_MAX + 16 * 1024; // an event, its topic and its properties
export const MQTT_WAITING_BYTES_MAX = 8 * 1024 * 1024; // what a connection has sent and nobody has worked on: a sixteenth of an isolate
export const MQTT_FRAME_OVERHEAD_BYTES = 256; // what a waiting packet costs beside its bytes
export const MQTT_RECEIVE_MAX = 64; // publishes that MQTT 5 clients may send ahead of their answers
export const MQTT_IN_FLIGHT_MAX = 64; // events sent ahead of their PUBACKs; a session that is kept names them
export const MQTT_IN_FLIGHT_BYTES_MAX = 4 * 1024 * 1024; // the same in bytes: four of the largest events
export const MQTT_RETAINED_MAX = 200; // last events that one SUBSCRIBE is sent, of as many channels; a page of a log
export const MQTT_RETAINED_BYTES_MAX = 4 * 1024 * 1024; // the same in bytes: four of the largest
export const MQTT_RETAINED_READS_MAX = 64; // of logs, for one SUBSCRIBE: one of each topic that a session may have
export const MQTT_STALE_MS = 1_000; // that an event waits for its client: a withdrawal may have been answered by then
export const MQTT_UNHEARD_BYTES_MAX = 16 * 1024 * 1024; // sent since the client was last heard: what it has not taken lies in the isolate's memory
export const MQTT_FILTERS_MAX = 50; // of one session
export const MQTT_FILTER_CHARS_MAX = CHANNEL_CHARS_MAX + 37; // a channel behind an API's id
export const MQTT_CHANNELS_CHARS_MAX = 64; // of the channels of one topic that a hub is asked for by name: those of 64 topics stand in a socket's attachment of 16 KiB
export const MQTT_TOPICS_READ_MAX = 2_000; // rows that one SUBSCRIBE compares its filters with: ten APIs' full of channels
export const MQTT_CLIENT_ID_CHARS_MAX = 128; // the standard demands 23 bytes at least
export const MQTT_SESSION_STATE_BYTES_MAX = 8 * 1024; // its filters and what is in flight
export const MQTT_SESSION_SECONDS_MAX = 7 * 24 * 3600; // that a session is kept for a client that is away
export const MQTT_KEEP_ALIVE_SECONDS_MAX = 1200; // what MQTT 5 clients that would be silent for longer are told to do

// What the relay tells of itself
export const LOGGED_IDS_MAX = 50; // in a field of a log line: as many publishes as mostly share a transaction
export const METRICS_LOGS_MAX = 200; // logs that one answer asks: a call of an object each
export const METRICS_PARTS_MAX = 1_000; // answers that all logs may be shared out among
export const METRICS_MS_MAX = 8_000; // within the ten seconds that Prometheus waits for an answer
export const METRICS_PUSHES_MAX = 10_000; // rows of the outbox that are counted before it says "at least"

// Live listeners
export const FEED_PAGE_EVENTS_MAX = 200;
export const FEED_PAGE_BYTES_MAX = 1024 * 1024;
export const FEED_PAGE_VALID_MS = 3_000; // how long a page may be on its way to listeners: as long as a withdrawal may have to wait
export const POKE_RETRY_MS_MIN = 500; // a hub that does not answer is poked again, ever less often
export const POKE_RETRY_MS_MAX = 60_000;
export const CURSOR_CHARS_MAX = 4_096; // of 128 places in logs: some 1,500
export const HUB_SOCKETS_MAX = 1_000; // of one hub: each event of a busy channel goes to all of them before the next one
export const HUB_SPREAD_LEVELS_MAX = 6; // an API's anonymous listeners spread over up to 2⁶ hubs as they fill
export const NAMED_HUBS = 16; // of an app: a named consumer always finds the hub that keeps its cursor
export const LISTENED_TOPICS_MAX = 64; // of one connection: they stand in a socket's attachment of 16 KiB
export const LISTENED_LOGS_MAX = 128; // as many places has each cursor
export const LINK_EVENTS_UNACKED_MAX = 500; // what a hub sends ahead of acknowledgements: the rest waits in the log
export const LINK_BYTES_UNACKED_MAX = 1024 * 1024;
export const UNPROVEN_BYTES_MAX = 8 * 1024 * 1024; // to a WebSocket that acknowledges nothing: nobody can see what of it has arrived
export const ACK_PATIENCE_MS = 60_000; // how long a listener may leave a full window unacknowledged
export const ACK_SAVE_MS = 250; // how old a named consumer's stored cursor may be
export const CONSUMER_NAME_CHARS_MAX = 300;
export const CONSUMER_STATE_BYTES_MAX = 16 * 1024;
export const CONSUMERS_PER_HUB_MAX = 10_000;
export const CONSUMER_EXPIRY_SECONDS_MAX = 30 * 24 * 3600; // as long as events are mostly kept
export const STREAM_TOKEN_SECONDS_DEFAULT = 300; // for a page that connects at once
export const STREAM_TOKEN_SECONDS_MAX = 3600;
export const HEARTBEAT_MS = 15_000; // proxies mostly close what is silent for a minute
export const STREAM_ACK_EVENTS = 50; // events that the Worker has handed on before it says so to the hub: a tenth of what that sends ahead
export const STREAM_ACK_BYTES = LINK_BYTES_UNACKED_MAX / 4; // the same in bytes: with what goes with them, less than all that the hub sends ahead
export const STREAM_STALE_MS = 1_000; // that an event waits for a client that reads slowly: a withdrawal may have been answered by then
export const HUB_ROUND_MS = 5 * 60_000; // a hub with sockets reads all its logs and checks all credentials so often, whatever it was told
export const HUB_FRAME_BYTES_MAX = 64 * 1024; // what a client of a hub may send at once

// Replicas
export const EXPORT_READS_MAX = 3_000; // pages of one export, which then says where to go on: a Worker invocation may make 10,000 subrequests, and a call is tried three times at worst
export const SNAPSHOT_READS_MAX = 3_000; // the same; each looks at SCAN_ROWS_MAX rows at most, so that a snapshot of more than six million events is cut
export const SNAPSHOT_KEYS_BYTES_MAX = 32 * 1024 * 1024; // keys of a topic that a snapshot remembers: some 300,000, and an isolate has 128 MB
export const SNAPSHOT_KEY_BYTES = 64; // what a key takes beside its characters

// Tokens and caches
export const ACCESS_TOKEN_SECONDS = 3600;
export const PUBLISHER_TOKEN_SECONDS_DEFAULT = 600; // of one that a person asked for: time enough to try a few events
export const SIGNING_KEY_ROTATION_DAYS = 30;
export const OVERLAP_SECONDS_DEFAULT = 24 * 3600; // how long a rotated secret goes on beside its successor
export const OVERLAP_SECONDS_MAX = 7 * 24 * 3600;
export const SIGNING_SECRETS_MAX = 5; // of one subscription at once: each signs each delivery
export const WEBHOOK_KEY_ROTATION_DAYS = 90; // rarer than the tokens' keys: some receivers copy it into their settings
export const WEBHOOK_KEY_RETIRE_DAYS = 7; // receivers that queue deliveries may check them only days later
export const JWKS_MAX_AGE_SECONDS = 300; // of both lists of keys
export const PUBLISHER_CACHE_FRESH_MS = 30_000; // how long an isolate may believe what it knows of a publisher
export const PUBLISHER_CACHE_STALE_MS = 60_000; // then a publish waits for the registry
export const PUBLISHER_CACHE_ENTRIES_MAX = 1_000;
export const PUBLISHER_QUICK_READS_MAX = 5; // in a second: an unknown channel may be a new one, but it can't make an isolate read the registry at will
export const SCHEMA_CACHE_ENTRIES_MAX = 500; // channels whose compiled schemas an isolate keeps
export const SCHEMA_CACHE_BYTES_MAX = 32 * 1024 * 1024; // the same in memory, as estimated: a quarter of an isolate
export const COMPILED_BYTES_PER_CHAR = 40; // of a schema's JSON: 8 to 45 as measured, without its patterns
export const TOKEN_USE_KEPT_MS = 5 * 60_000; // how exactly it is known when an organization's token was last used: a use is not worth a write
export const TOKEN_CACHE_ENTRIES_MAX = 1_000;
export const SECRET_KEY_CACHE_ENTRIES_MAX = 1_000; // signing secrets that an isolate has opened

// Sessions of the console
export const SESSION_MS_MAX = 12 * 3600_000; // a working day: then everybody signs in anew
export const SESSION_IDLE_MS_MAX = 2 * 3600_000; // of a browser that was left alone
export const SESSION_USE_KEPT_MS = 5 * 60_000; // how exactly it is known when a session was last used
export const SESSION_SEATS_MAX = 20; // organizations that one person acts for at once: each is read for every call

// Portal links
export const PORTAL_LINK_SECONDS_DEFAULT = 3600; // for a page that makes one each time it is shown
export const PORTAL_LINK_SECONDS_MAX = 24 * 3600; // whoever has the link may use it
export const PORTAL_LINKS_PER_ORGANIZATION_MAX = 5_000; // a product's users in one hour, who are all shown theirs
export const FRAME_ANCESTORS_MAX = 10; // they stand in a header of 3 KB at most

// Members, and the issuer of OpenID Connect that they sign in at
export const MEMBERS_PER_ORGANIZATION_MAX = 1_000; // people of one organization who work on its events
export const EMAIL_CHARS_MAX = 254; // RFC 5321 §4.5.3.1.3, without the brackets
export const PERSON_NAME_CHARS_MAX = 200; // of what an issuer calls somebody
export const OIDC_FLOW_MS_MAX = 10 * 60_000; // to sign in at the issuer, a second factor included
export const OIDC_CALL_MS_MAX = 10_000; // one call of the issuer: somebody is waiting
export const OIDC_ANSWER_BYTES_MAX = 256 * 1024; // of the issuer: its documents and keys have some kilobytes

// AMQP 1.0 over WebSocket
export const AMQP_FRAME_BYTES_MAX = 64 * 1024; // larger messages come and go in several frames
export const AMQP_SASL_FRAME_BYTES_MAX = 512; // AMQP 1.0 §5.3.1
export const AMQP_UNREAD_BYTES_MAX = 4 * AMQP_FRAME_BYTES_MAX; // what a client may send ahead while its secret is looked at
export const AMQP_VALUES_MAX = 2_000; // encoded values in a frame, or in a message around its body: each is an object in memory
export const AMQP_VALUE_DEPTH_MAX = 16;
export const AMQP_CHANNEL_MAX = 7; // sessions: most clients have one
export const AMQP_LINKS_MAX = 16; // of a connection
export const AMQP_SENT_UNSETTLED_MAX = 100; // of a link: those of all links have to fit into a session's buffer of 2,048
export const AMQP_SENT_BYTES_MAX = 4 * 1024 * 1024; // unsettled on a connection, before more is leased
export const AMQP_SENDER_CREDIT = 8; // publishes of a link under way at once
export const AMQP_MESSAGE_BYTES_MAX = EVENT_BODY_BYTES_MAX + 64 * 1024; // an event, and the sections around it
export const AMQP_RECEIVED_BYTES_MAX = 10 * 1024 * 1024; // under way on a connection: what one link of large events may have
export const AMQP_RENEW_MS = 20_000; // while a link lives, what it has sent stays its own …
export const AMQP_LEASE_SECONDS = 60; // … and comes to others so long after nobody has said so
export const AMQP_SETTLE_RETRY_MS = 1_000; // a log that does not hear is told again …
export const AMQP_SETTLE_TRIES_MAX = 5; // … so often; then what it was told of comes again
export const AMQP_POLL_MS_MIN = 1_000; // a log that has nothing is asked again so soon; where a hub tells of new events, then half as often each time …
export const AMQP_POLL_MS_MAX = 15_000; // … up to this: what another consumer has given back, no hub tells of
export const AMQP_LOOK_AGAIN_MS = 60_000; // between two questions to the registry whether a link may still be there
export const AMQP_CALLS_MAX = 3_000; // of logs and registry: a Worker invocation may make 10,000 subrequests, and a call three of them at worst
export const AMQP_CONNECTIONS_MAX = 200; // in an isolate: each pins an invocation, and takes some 100 KB where it is idle
export const AMQP_CONNECTIONS_PER_CLIENT_MAX = 20; // in an isolate
export const AMQP_OPEN_MS = 10_000; // until a client has proved who it is, and opened
export const AMQP_CLOSE_MS = 2_000; // a client's answer to a close is waited for
export const AMQP_IDLE_MS = 30_000; // a client has to send something so often; one that is silent for twice as long is gone
export const AMQP_PEER_IDLE_MS_MIN = 1_000; // what a client may ask of the relay in turn: two empty frames a second
export const AMQP_PEER_IDLE_MS_MAX = 3600_000; // longer is not watched: a timer cannot count to what the wire can say
