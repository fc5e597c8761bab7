-- Whose round it is, so that the log is asked of one stream. Rounds of before do not say it.

alter table ballot_rounds add column declaration uuid;
comment on column ballot_rounds.declaration is 'The declaration that is voted on; the log says the same';
