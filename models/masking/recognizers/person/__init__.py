"""Names of persons, one recognizer per file.

What a name is made of: `titles` (words beside a name, words that are none), `shape` (surname and given
name), `grammar` (reading a name at a place that expects one), `evidence` (what Sudachi's tokens say).

Who finds them: `labelled` (氏名：…), `related` (妻の…, 申請者…), `titled` (…様, …係長), `tokens` (Sudachi's
人名), `roman`, `spaced` (山 田), `katakana`, `listed` (lists, speakers, signatures, introductions) and
`readings` (the reading after a name). The slow vote of ja-ginza is `recognizers/ginza_person.py`.
"""
