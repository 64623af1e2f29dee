-- What somebody teaches, where the HR file tells it: « Anglais », « L0422 »… as HR writes it; '' where it does not. (internal/roster)
ALTER TABLE function ADD COLUMN discipline TEXT NOT NULL DEFAULT '';
