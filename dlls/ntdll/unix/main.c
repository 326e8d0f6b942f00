/* oriel: command line to first process. */
#include <stdio.h>

int main(int argc, char **argv)
{
    (void)argc;
    fprintf(stderr, "%s: cannot run programs yet\n", argv[0]);
    return 1;
}
