-- What the directory searches, by the row number of its API (src/registry/directory.ts writes and asks it). It keeps no
-- text, only where which word stands. The tokenizer knows the cases and diacritics of all scripts, as SQLite's lower() does not.
CREATE VIRTUAL TABLE api_search USING fts5 (
  words, -- title, tags, channel addresses and description
  publisher, -- the organization's name
  keys, -- one word for the organization and one for each tag, for exact matches
  content = '',
  contentless_delete = 1,
  tokenize = 'unicode61 remove_diacritics 2',
  prefix = '1 2 3'
);

CREATE TRIGGER api_search_forgets AFTER DELETE ON api
BEGIN
  DELETE FROM api_search WHERE rowid = old.seq;
END;

-- APIs that are there already, as well as SQL can fold their tags.
INSERT INTO api_search (rowid, words, publisher, keys)
SELECT api.seq,
  api.title || ' ' || api.tags || ' ' || coalesce(api.description, '') || ' '
    || coalesce((SELECT group_concat(address, ' ') FROM topic WHERE topic.api_id = api.id), ''),
  organization.name,
  'publisher' || lower(hex(lower(api.organization_id)))
    || coalesce((SELECT group_concat(' tag' || lower(hex(lower(trim(value)))), '') FROM json_each(api.tags)), '')
FROM api JOIN organization ON organization.id = api.organization_id;
