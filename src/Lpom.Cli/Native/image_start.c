/*
 * Linked into both native images, and run before main and anything of .NET.
 *
 * A native image has one instruction set, so the product is two images: lpom, for x86-64-v4 (AVX-512), and lpom-v3 beside
 * it (AVX2). Started on a processor without AVX-512, or with a narrower LPOM_SIMD, lpom becomes lpom-v3: same process,
 * arguments and environment. Here, and not in the program's Main, since the start of the .NET runtime is nearly all of the
 * time of a short command, and an image of too high a level does not get through it.
 *
 * LPOM_IMAGE_LEVEL is 3 or 4.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../NativeImage/processor.h"

#define FAILED 1 /* ExitCodes.Failed */
#define AS_A_CONSTRUCTOR_BEFORE_ALL_OTHERS __attribute__((constructor(101)))

#if LPOM_IMAGE_LEVEL == 4
/* Returns only if this image will do as well, and there is no other or the system refuses. */
static void become_v3(char **arguments)
{
    static const char suffix[] = "-v3";
    char path[4096];
    ssize_t room = sizeof path - sizeof suffix, length = readlink("/proc/self/exe", path, (size_t)room);
    if (length <= 0 || length == room)
        length = 0;
    memcpy(path + length, suffix, sizeof suffix);
    if (length > 0)
        execv(path, arguments);
    if (processor_has_v4())
        return;
    fprintf(stderr, "lpom: this processor has no AVX-512; its image, %s, cannot be started: %s\n", path, strerror(errno));
    _exit(FAILED);
}
#endif

AS_A_CONSTRUCTOR_BEFORE_ALL_OTHERS static void image_start(int count, char **arguments)
{
    (void)count;
    if (!processor_has_v3()) {
        fputs("lpom: this processor has no AVX2 and FMA (x86-64-v3); 'dotnet run' runs lpom on it\n", stderr);
        _exit(FAILED);
    }
#if LPOM_IMAGE_LEVEL == 4
    if (!processor_has_v4() || narrower_vectors_are_asked_for())
        become_v3(arguments);
#else
    (void)arguments;
#endif
}
