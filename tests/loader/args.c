/* args.exe: prints its arguments, one a line in brackets; for what reaches a program of what the shell gave. */
#include <stdio.h>

int main(int argc, char **argv)
{
    int i;
    for (i = 1; i < argc; i++) printf("[%s]\n", argv[i]);
    return 0;
}
