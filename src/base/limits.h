/* limits: every bound of the program, in one place. A bound that is not here does not exist. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define KIB 1024UL
#define MIB (1024UL * KIB)

#define ARENA_OP_MAX (256 * MIB)	/* one operation */
#define PACK_ARENA_MAX (256 * MIB)	/* a compiled composition, its sources included */
#define DIAGS_MAX 1000			/* kept of one compilation; errors are counted beyond */
#define YAML_BYTES_MAX (1 * MIB)	/* one file of a pack (pack-language §1) */
#define YAML_DEPTH_MAX 32
#define JSON_BYTES_MAX (1 * MIB)
#define JSON_DEPTH_MAX 32
#define EXPR_STEPS_MAX 10000		/* evaluation budget of one expression */
#define EXPR_DEPTH_MAX 32
#define EXPR_BYTES_MAX 4096		/* the text of one expression */
#define LOOP_STATES_MAX 64
#define LOOP_STEPS_MAX 64
#define FORM_BYTES_MAX (64 * KIB)	/* a form without files */
#define UPLOAD_BYTES_MAX (20 * MIB)	/* one file */
#define UPLOAD_PARTS_MAX 40		/* files of one form, each with a small copy */
#define DISK_WARN_PERCENT 10		/* free of the disk; below that the administrator is told */
#define UPLOAD_FREE_PERCENT 5		/* free of the disk; below that no files */
#define FILES_PER_STEP_MAX 20
#define PAGE_BYTES_MAX (8 * MIB)	/* a rendered page */
#define PDF_BYTES_MAX (64 * MIB)	/* a document with its fonts and photos */
#define TEXT_MAX 500			/* code points of a `text` field without max */
#define NOTE_MAX 4000
#define LIST_LIMIT_MAX 100
#define IMPORT_ROWS_MAX 5000
#define SHEET_BYTES_MAX (16 * MIB)	/* an uploaded CSV or XLSX */
#define SHEET_INFLATE_MAX (64 * MIB)	/* what it may unpack to */
#define SHEET_ROWS_MAX (IMPORT_ROWS_MAX + 100)	/* head lines and hints above the rows */
#define SHEET_COLS_MAX 256
#define SHEET_CELLS_MAX 500000		/* cells with text, all sheets of a file together */
#define SHEET_AREA_MAX 1500000		/* rows x columns, likewise */
#define SHEET_MERGES_MAX 20000
#define SHEET_TABS_MAX 64		/* sheets of a workbook */
#define CELL_BYTES_MAX (64 * KIB)	/* one cell; a longer one is no table */
#define ZIP_ENTRIES_MAX 1024
#define XML_DEPTH_MAX 64
#define XML_ATTRS_MAX 64
#define IMAGE_PIXELS_MAX 40000000UL	/* trust.md 3.I */
#define SETTINGS_BYTES_MAX (64 * KIB)
#define JOB_ROWS_MAX 500		/* one job operation of the writer */
#define WRITER_QUEUE_MAX 4096
#define WRITER_GROUP_MAX 64
#define WRITER_GROUP_US (20 * 1000L)	/* a group takes no further operation after so long */
#define WRITER_OP_US (50 * 1000L)	/* one operation; longer ones are counted */
#define WRITER_IDLE_MS 500		/* without work: checkpoint */
#define STORE_CHECKPOINT_BYTES (16 * MIB)	/* of the log not yet in the database: copy them */
#define STORE_WAL_BYTES (64 * MIB)	/* the log itself: wait for readers and empty it */
#define STORE_READ_MS 2000		/* all statements of one read scope */
#define STORE_BUSY_MS 5000
#define HTTP_CONNECTIONS_MAX 1024
#define HTTP_PER_ADDRESS_MAX 64		/* connections of one client address; loopback is exempt */
#define HTTP_LINE_MAX (8 * KIB)		/* request line */
#define HTTP_HEAD_MAX (40 * KIB)	/* request line and 32 KiB of headers */
#define HTTP_HEADERS_MAX 64
#define HTTP_COOKIES_MAX 50
#define HTTP_PIECE_MAX 32		/* segments of a path, parameters of a route */
#define HTTP_BODY_MAX (64 * MIB)	/* any request, files and all */
#define HTTP_KEEPALIVE_MAX 100		/* requests of one connection */
#define HTTP_HEAD_MS (10 * 1000)	/* first byte to the end of the head */
#define HTTP_BODY_FREE_MS (10 * 1000)	/* after that a body must come at HTTP_BODY_RATE */
#define HTTP_BODY_RATE (1 * KIB)	/* bytes a second */
#define HTTP_FORM_MS (30 * 1000)	/* a whole request of at most FORM_BYTES_MAX */
#define HTTP_UPLOAD_MS (300 * 1000)	/* a larger one */
#define HTTP_ANSWER_MS (60 * 1000)	/* to take the answer, and a second more per 16 KiB */
#define HTTP_IDLE_MS (60 * 1000)	/* between two requests */
#define HTTP_WORKERS 4
#define HTTP_WORK_QUEUE_MAX 256
#define HTTP_WAIT_MS (2 * 1000)		/* in a queue; then 503 */
#define HTTP_SIGN_IN_WAIT_MS (15 * 1000)
#define HTTP_HASHERS 2			/* password hashes at once */
#define HTTP_STOP_MS (30 * 1000)	/* for what is under way when we stop */
#define FORM_FIELDS_MAX 1000		/* values of one form */
#define FORM_NAME_MAX 100		/* bytes of a field's name */
#define PART_HEAD_MAX (4 * KIB)		/* the headers of one part of a multipart body */
#define CONTROL_FRAME_MAX (64 * KIB)	/* of the control socket */
#define CONTROL_ARGS_MAX 256
#define ON_DUTY_MAX 64		/* people in the seats of one roster at one moment */
#define YEARS_AHEAD_MAX 5		/* of a plan: intervals are walked from where they began */
#define UNDO_MS (60 * 1000)		/* pack-language §3, Mending */

#endif
