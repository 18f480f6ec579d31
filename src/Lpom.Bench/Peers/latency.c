/*
 * Latency of one sample through a ReLU network in plain C: weights in float32, bfloat16 or int8 (a scale for each output),
 * inputs, sums and activations in float32; everything allocated before; one network that all threads share.
 *
 *   gcc -O3 -march=native -ffast-math -pthread -o latency latency.c
 *   ./latency [LAYERS [READINGS [PRECISION [THREADS [CALLS]]]]]     (784-300-10 20000 float32 1 1)
 *   ./latency LAYERS -                                              a block for each line of standard input:
 *                                                                   PRECISION THREADS READINGS CALLS
 *
 * Prints one JSON object a block: the median, 99th and 99.9th percentile of a call in microseconds. A reading of the clock
 * takes in CALLS calls, for networks so small that the clock would be measured. Pin it to a processor that is otherwise idle
 * (taskset -c 1 ./latency), or the high percentiles are the scheduler's.
 *
 * Weights are row-major [outputs × inputs], four outputs at a time: -ffast-math lets the compiler sum in vectors, four
 * independent sums hide the latency of its FMA, and each is a stream through memory. With gcc 12 and AVX-512 this was
 * faster than transposed weights (7.7 against 9.4 µs for 784-300-10) and than one output at a time (14.9 µs).
 * Exit codes: 0 done, 1 no memory or no thread, 2 wrong usage.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_LAYERS = 1024, MAX_WIDTH = 1000000, MAX_THREADS = 1024, MAX_READINGS = 100000000, MAX_CALLS = 1000000 };
enum { SAMPLES = 8, CACHE_LINE = 64, WARM_UP_SHARE = 10, LARGEST_INT8 = 127 };

enum precision { FLOAT32, BFLOAT16, INT8, PRECISIONS };
static const char *const precision_names[PRECISIONS] = { "float32", "bfloat16", "int8" };
static const size_t weight_sizes[PRECISIONS] = { sizeof(float), sizeof(uint16_t), sizeof(int8_t) };

struct layer {
    int inputs, outputs;
    void *weights; /* [outputs × inputs], row-major, in the network's precision */
    float *scales; /* [outputs], of int8 */
    float *bias;   /* [outputs] */
};

struct network {
    enum precision precision;
    int count, widest;
    struct layer layers[MAX_LAYERS];
    float *samples; /* [SAMPLES × inputs] */
};

/* A thread's part of a block. */
struct reader {
    const struct network *network;
    pthread_barrier_t *start;
    float *activations; /* [2 × widest], of two layers in turn */
    double *times;      /* [readings], microseconds of a call */
    int readings, calls;
    pthread_t thread;
};

static inline __attribute__((always_inline)) float weight(const void *weights, size_t i, enum precision precision)
{
    if (precision == INT8)
        return ((const int8_t *)weights)[i];
    if (precision == FLOAT32)
        return ((const float *)weights)[i];
    uint32_t bits = (uint32_t)((const uint16_t *)weights)[i] << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* y = Wx + b, negative values set to zero in a hidden layer. The precision is a constant where this is inlined. */
static inline __attribute__((always_inline)) void forward_as(
    const struct layer *layer, const float *restrict x, float *restrict y, int hidden, enum precision precision)
{
    const int inputs = layer->inputs, outputs = layer->outputs;
    const size_t row = (size_t)inputs * weight_sizes[precision];
    int j = 0;
    for (; j + 4 <= outputs; j += 4) {
        const char *restrict w0 = (const char *)layer->weights + (size_t)j * row;
        const char *restrict w1 = w0 + row, *restrict w2 = w1 + row, *restrict w3 = w2 + row;
        float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        for (int k = 0; k < inputs; k++) {
            s0 += weight(w0, k, precision) * x[k];
            s1 += weight(w1, k, precision) * x[k];
            s2 += weight(w2, k, precision) * x[k];
            s3 += weight(w3, k, precision) * x[k];
        }
        y[j] = s0;
        y[j + 1] = s1;
        y[j + 2] = s2;
        y[j + 3] = s3;
    }
    for (; j < outputs; j++) {
        const char *restrict w = (const char *)layer->weights + (size_t)j * row;
        float s = 0;
        for (int k = 0; k < inputs; k++)
            s += weight(w, k, precision) * x[k];
        y[j] = s;
    }
    if (precision == INT8)
        for (j = 0; j < outputs; j++)
            y[j] *= layer->scales[j];
    for (j = 0; j < outputs; j++)
        y[j] += layer->bias[j];
    if (hidden)
        for (j = 0; j < outputs; j++)
            y[j] = y[j] > 0 ? y[j] : 0;
}

static void forward_float32(const struct layer *l, const float *x, float *y, int hidden) { forward_as(l, x, y, hidden, FLOAT32); }
static void forward_bfloat16(const struct layer *l, const float *x, float *y, int hidden) { forward_as(l, x, y, hidden, BFLOAT16); }
static void forward_int8(const struct layer *l, const float *x, float *y, int hidden) { forward_as(l, x, y, hidden, INT8); }

/* The scores of a sample, valid until the next call with the same activations. */
static const float *forward(const struct network *network, const float *x, float *activations)
{
    static void (*const layer_forward[PRECISIONS])(const struct layer *, const float *, float *, int) = {
        forward_float32, forward_bfloat16, forward_int8
    };
    for (int i = 0; i < network->count; i++) {
        float *y = activations + (i % 2 ? network->widest : 0);
        layer_forward[network->precision](&network->layers[i], x, y, i < network->count - 1);
        x = y;
    }
    return x;
}

static void *allocate(size_t bytes)
{
    bytes = (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    void *memory = aligned_alloc(CACHE_LINE, bytes);
    if (!memory) {
        fprintf(stderr, "latency: no memory for %zu bytes\n", bytes);
        exit(1);
    }
    memset(memory, 0, bytes);
    return memory;
}

/* Uniform noise of a fixed seed between -1 and 1. */
static float noise(void)
{
    static uint32_t state = 1;
    state = state * 1664525u + 1013904223u;
    return (float)(state >> 8) / (1 << 23) - 1;
}

static float *noises(size_t length, float scale)
{
    float *values = allocate(length * sizeof(float));
    for (size_t i = 0; i < length; i++)
        values[i] = scale * noise();
    return values;
}

static void *random_weights(size_t length, enum precision precision, float scale)
{
    void *weights = allocate(length * weight_sizes[precision]);
    for (size_t i = 0; i < length; i++) {
        float value = precision == INT8 ? LARGEST_INT8 * noise() : scale * noise();
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        if (precision == INT8)
            ((int8_t *)weights)[i] = (int8_t)value;
        else if (precision == BFLOAT16)
            ((uint16_t *)weights)[i] = (uint16_t)(bits >> 16);
        else
            ((float *)weights)[i] = value;
    }
    return weights;
}

/* The network of these widths in a precision; made when it is first asked for. */
static const struct network *network_of(const struct network *shape, enum precision precision)
{
    static struct network networks[PRECISIONS];
    struct network *network = &networks[precision];
    if (network->count)
        return network;
    *network = *shape;
    network->precision = precision;
    network->samples = noises((size_t)SAMPLES * shape->layers[0].inputs, 1);
    for (int i = 0; i < network->count; i++) {
        struct layer *layer = &network->layers[i];
        layer->weights = random_weights((size_t)layer->inputs * layer->outputs, precision, 0.05f);
        layer->scales = noises(layer->outputs, 0.05f / LARGEST_INT8);
        layer->bias = noises(layer->outputs, 0.05f);
    }
    return network;
}

/* A number from 1 to most that fills the text up to `end`; leaves *text behind it. 0 when it is none. */
static int number(const char **text, char end, long most)
{
    char *rest;
    errno = 0;
    long value = strtol(*text, &rest, 10);
    if (rest == *text || errno || value < 1 || value > most || (*rest != end && *rest != '\0'))
        return 0;
    *text = *rest ? rest + 1 : rest;
    return (int)value;
}

/* Reads widths such as 784-300-10; 0 when the text is wrong. */
static int parse_layers(const char *text, struct network *shape)
{
    int inputs = number(&text, '-', MAX_WIDTH);
    while (inputs && *text && shape->count < MAX_LAYERS) {
        int outputs = number(&text, '-', MAX_WIDTH);
        shape->layers[shape->count++] = (struct layer){ .inputs = inputs, .outputs = outputs };
        if (outputs > shape->widest)
            shape->widest = outputs;
        inputs = outputs;
    }
    return inputs && !*text ? shape->count : 0;
}

/* The precision of a name; PRECISIONS when there is none. */
static enum precision parse_precision(const char *text)
{
    enum precision precision = FLOAT32;
    while (precision < PRECISIONS && strcmp(text, precision_names[precision]) != 0)
        precision++;
    return precision;
}

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e6 + now.tv_nsec * 1e-3;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void *read_times(void *argument)
{
    const struct reader *reader = argument;
    const struct network *network = reader->network;
    const int inputs = network->layers[0].inputs;
    volatile float sink = 0; /* keeps the calls from being optimised away */
    int next = 0;
    for (int i = 0; i <= reader->readings / WARM_UP_SHARE * reader->calls; i++, next = (next + 1) % SAMPLES)
        sink += forward(network, network->samples + (size_t)next * inputs, reader->activations)[0];
    pthread_barrier_wait(reader->start);
    for (int i = 0; i < reader->readings; i++) {
        double start = microseconds();
        for (int call = 0; call < reader->calls; call++, next = (next + 1) % SAMPLES)
            sink += forward(network, network->samples + (size_t)next * inputs, reader->activations)[0];
        reader->times[i] = (microseconds() - start) / reader->calls;
    }
    return NULL;
}

/* The least time that so many of a thousand do not exceed. */
static double quantile(const double *sorted, size_t length, size_t per_mille)
{
    return sorted[(length * per_mille + 999) / 1000 - 1];
}

static void measure(const char *layers, const struct network *network, int threads, int readings, int calls)
{
    size_t length = (size_t)threads * readings;
    double *times = allocate(length * sizeof(double));
    struct reader *readers = allocate(threads * sizeof(struct reader));
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, threads);
    for (int i = 0; i < threads; i++) {
        readers[i] = (struct reader){
            .network = network, .start = &start, .activations = allocate(2 * (size_t)network->widest * sizeof(float)),
            .times = times + (size_t)i * readings, .readings = readings, .calls = calls
        };
        if (pthread_create(&readers[i].thread, NULL, read_times, &readers[i])) {
            fprintf(stderr, "latency: no more than %d threads can be started\n", i);
            exit(1);
        }
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(readers[i].thread, NULL);
        free(readers[i].activations);
    }
    pthread_barrier_destroy(&start);
    qsort(times, length, sizeof(double), ascending);
    printf("{\"layers\":\"%s\",\"peer\":\"c\",\"precision\":\"%s\",\"threads\":%d,\"p50us\":%.4f,\"p99us\":%.4f,\"p999us\":%.4f}\n",
           layers, precision_names[network->precision], threads, quantile(times, length, 500), quantile(times, length, 990),
           quantile(times, length, 999));
    fflush(stdout);
    free(readers);
    free(times);
}

/* A block for each line of standard input; 0 when one is wrong. */
static int measure_lines(const char *layers, const struct network *shape)
{
    char line[128], name[16];
    int threads, readings, calls;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%15s %d %d %d", name, &threads, &readings, &calls) != 4 || parse_precision(name) == PRECISIONS
            || threads < 1 || threads > MAX_THREADS || readings < 1 || readings > MAX_READINGS || calls < 1 || calls > MAX_CALLS)
            return 0;
        measure(layers, network_of(shape, parse_precision(name)), threads, readings, calls);
    }
    return 1;
}

static int usage(void)
{
    fputs("usage: latency [LAYERS such as 784-300-10 [READINGS [float32|bfloat16|int8 [THREADS [CALLS]]]]]\n"
          "       latency LAYERS -, with lines 'PRECISION THREADS READINGS CALLS' on standard input\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static struct network shape;
    const char *layers = argc > 1 ? argv[1] : "784-300-10", *readings_text = argc > 2 ? argv[2] : "20000";
    const char *threads_text = argc > 4 ? argv[4] : "1", *calls_text = argc > 5 ? argv[5] : "1";
    if (!parse_layers(layers, &shape))
        return usage();
    if (argc == 3 && strcmp(readings_text, "-") == 0)
        return measure_lines(layers, &shape) ? 0 : usage();
    enum precision precision = argc > 3 ? parse_precision(argv[3]) : FLOAT32;
    int readings = number(&readings_text, '\0', MAX_READINGS), threads = number(&threads_text, '\0', MAX_THREADS);
    int calls = number(&calls_text, '\0', MAX_CALLS);
    if (argc > 6 || precision == PRECISIONS || !readings || !threads || !calls)
        return usage();
    measure(layers, network_of(&shape, precision), threads, readings, calls);
    return 0;
}
