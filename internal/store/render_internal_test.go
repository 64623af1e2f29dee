package store

import "testing"

func TestTheSchemaIsRenderedForEachEngine(t *testing.T) {
	t.Parallel()
	const schema = "CREATE TABLE text_of (\n" +
		"\tINTEGERS INTEGER NOT NULL, -- an INTEGER stays one in a comment\n" +
		"\tname TEXT PRIMARY KEY,\n\tdata BLOB\n) KEYED;\n"
	for d, want := range map[Dialect]string{
		SQLite: "CREATE TABLE text_of (\n" +
			"\tINTEGERS INTEGER NOT NULL, -- an INTEGER stays one in a comment\n" +
			"\tname TEXT PRIMARY KEY,\n\tdata BLOB\n) WITHOUT ROWID;\n",
		PostgreSQL: "CREATE TABLE text_of (\n" +
			"\tINTEGERS BIGINT NOT NULL, -- an INTEGER stays one in a comment\n" +
			"\tname TEXT COLLATE \"C\" PRIMARY KEY,\n\tdata BYTEA\n) ;\n",
	} {
		if got := d.render(schema); got != want {
			t.Errorf("%s:\n%s\nexpected\n%s", d, got, want)
		}
	}
}
