/* Which file CreateProcess means. */
#pragma once

#define PROGRAM_PATH_ROOM 32768         /* characters */

/* The program that a command line begins with: in quotes, or as few words as name one. found has PROGRAM_PATH_ROOM characters,
 * *word is the word (to be freed in any case), *rest is where its arguments begin, and *several says that it has blanks and no
 * quotes. Else the last error says why not. */
BOOL program_of_line(const WCHAR *line, WCHAR *found, WCHAR **word, const WCHAR **rest, BOOL *several);
