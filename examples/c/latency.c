/*
 * How long lpom_predict takes: the median, and what 99 % of a million calls do not exceed, one right after the other, as 'lpom bench'
 * measures it from within.
 *
 *   gcc -std=c99 -O2 -Iout examples/c/latency.c -o latency -Lout -llpom -Wl,-rpath,"$PWD/out"       (see classify.c)
 *   ./latency model.safetensors
 */
#define _POSIX_C_SOURCE 199309L
#include <lpom.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CALLS 1000000
#define SAMPLES 64

static long long nanoseconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static int fail(void)
{
    fprintf(stderr, "latency: %s\n", lpom_last_error());
    return 1;
}

int main(int count, char **arguments)
{
    static int times[CALLS];
    lpom_model *model;
    if (count != 2) {
        fputs("usage: latency MODEL\n", stderr);
        return 2;
    }
    if (lpom_load(arguments[1], &model) != LPOM_OK)
        return fail();
    int inputs = lpom_inputs(model), outputs = lpom_outputs(model);
    float *x = malloc((size_t)inputs * SAMPLES * sizeof *x), *scores = malloc((size_t)outputs * sizeof *scores);
    if (x == NULL || scores == NULL)
        return 1;
    for (size_t i = 0; i < (size_t)inputs * SAMPLES; i++)
        x[i] = (float)(rand() % 17);
    /* Twice: the first time to warm up. */
    for (int i = 0; i < 2 * CALLS; i++) {
        long long start = nanoseconds();
        int status = lpom_predict(model, x + (size_t)inputs * (size_t)(i % SAMPLES), inputs, scores, outputs);
        times[i % CALLS] = (int)(nanoseconds() - start);
        if (status != LPOM_OK)
            return fail();
    }
    qsort(times, CALLS, sizeof *times, compare);
    printf("%d values, %d scores: p50 %.3f us, p99 %.3f us\n", inputs, outputs, times[CALLS / 2] / 1e3, times[CALLS / 100 * 99] / 1e3);
    free(x);
    free(scores);
    lpom_free(model);
    return 0;
}
