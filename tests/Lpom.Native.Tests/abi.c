/*
 * What a caller can do wrong with liblpom.so, and what it may rely on. Called by eng/check-c-abi.sh.
 *
 *   abi calls MODEL FOLDER N     N calls with handles, pointers and lengths of all kinds: each has the status that it should have
 *   abi threads MODEL            predictions of 8 threads while models come and go, bit by bit those of one thread
 *   abi pairs MODEL N            N times load, train, free; prints the resident memory in KiB
 *   abi refused MODEL MESSAGE    without an image for this processor every function fails, and says so
 */
#define _GNU_SOURCE
#include <lpom.h>

#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_ROWS 64
#define SLOTS 8
#define THREADS 8
#define SAMPLES 500

static int inputs, outputs;

static void fail(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fputs("abi: ", stderr);
    vfprintf(stderr, format, values);
    fprintf(stderr, " (last error: %s)\n", lpom_last_error());
    va_end(values);
    exit(1);
}

static void expect(int status, int expected, const char *call)
{
    if (status != expected)
        fail("%s gave %d, expected %d", call, status, expected);
    if (status != LPOM_OK && *lpom_last_error() == '\0')
        fail("%s gave %d without a message", call, status);
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL)
        fail("out of memory");
    return memory;
}

static lpom_model *load(const char *path)
{
    lpom_model *model;
    expect(lpom_load(path, &model), LPOM_OK, "lpom_load");
    return model;
}

/* xorshift64*: the same calls in every run. */
static uint64_t state = 88172645463325252u;

static uint64_t next(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 2685821657736338717u;
}

static int below(int bound)
{
    return (int)((next() >> 33) % (uint64_t)bound);
}

static bool one_in(int times)
{
    return below(times) == 0;
}

/* ---- calls ---- */

static void *models[SLOTS], *trainers[SLOTS]; /* good handles, or NULL */
static void *freed[SLOTS];
static float *x, *scores;
static int labels[MAX_ROWS];
static char path_buffer[PATH_MAX];
static const char *model_path, *folder;

static void *wild_handle(void **kind, void **other)
{
    void *own = kind[below(SLOTS)];
    switch (below(16)) {
    case 0: return NULL;
    case 1: return other[below(SLOTS)];
    case 2: return freed[below(SLOTS)];
    case 3: return (void *)(uintptr_t)below(64);
    case 4: return (void *)(uintptr_t)next();
    case 5: return scores;
    case 6: return labels;
    case 7: return (void *)((uintptr_t)own ^ (uintptr_t)1 << below(64));
    default: return own;
    }
}

/* Good in half of the cases; *good says whether it is one of the kind. */
static void *handle(void **kind, void **other, bool *good)
{
    void *value = wild_handle(kind, other);
    *good = false;
    for (int i = 0; i < SLOTS; i++)
        *good |= value != NULL && value == kind[i];
    return value;
}

static int wild_length(int right)
{
    static const int lengths[] = {INT_MIN, INT_MIN + 1, -1, 0, 1, INT_MAX, INT_MAX - 1, 1 << 30, 1 << 24};
    switch (below(4)) {
    case 0: return lengths[below((int)(sizeof lengths / sizeof *lengths))];
    case 1: return right + below(5) - 2;
    default: return right;
    }
}

/* Room for scores, not more than there is. */
static int wild_room(int right)
{
    int room = wild_length(right), most = MAX_ROWS * outputs;
    return room > most ? most : room;
}

static void call_predict(void)
{
    bool good;
    void *model = handle(models, trainers, &good);
    const float *sample = one_in(16) ? NULL : x;
    float *result = one_in(16) ? NULL : scores;
    int length = wild_length(inputs), room = wild_room(outputs);
    bool ok = good && sample != NULL && result != NULL && length == inputs && room >= outputs;
    expect(lpom_predict(model, sample, length, result, room), ok ? LPOM_OK : LPOM_BAD_ARGUMENT, "lpom_predict");
}

static void call_predict_batch(void)
{
    bool good;
    void *model = handle(models, trainers, &good);
    const float *samples = one_in(16) ? NULL : x;
    float *result = one_in(16) ? NULL : scores;
    int rows = wild_length(below(MAX_ROWS - 1)), room = wild_room(rows > MAX_ROWS || rows < 0 ? outputs : rows * outputs);
    bool ok = good && (rows == 0 || (rows > 0 && samples != NULL && result != NULL && room >= (long long)rows * outputs));
    expect(lpom_predict_batch(model, samples, rows, result, room), ok ? LPOM_OK : LPOM_BAD_ARGUMENT, "lpom_predict_batch");
}

static void call_widths(void)
{
    bool good;
    void *model = handle(models, trainers, &good);
    expect(lpom_inputs(model) == (good ? inputs : 0) ? LPOM_OK : LPOM_FAILED, LPOM_OK, "lpom_inputs");
    expect(lpom_outputs(model) == (good ? outputs : 0) ? LPOM_OK : LPOM_FAILED, LPOM_OK, "lpom_outputs");
}

static void call_train_step(void)
{
    bool good;
    void *trainer = handle(trainers, models, &good);
    const float *samples = one_in(16) ? NULL : x;
    const int *classes = one_in(16) ? NULL : labels;
    int rows = wild_length(1 + below(MAX_ROWS)), at = below(MAX_ROWS);
    /* More rows than there are cannot be told from as many as there are. */
    if (rows > MAX_ROWS)
        rows = -rows;
    float kept = x[at * inputs];
    if (one_in(8))
        x[at * inputs] = one_in(2) ? NAN : INFINITY;
    labels[at] = one_in(8) ? wild_length(outputs) : below(outputs);
    bool fine = isfinite(x[at * inputs]) && labels[at] >= 0 && labels[at] < outputs;
    bool ok = good && (rows == 0 || (rows > 0 && samples != NULL && classes != NULL && (at >= rows || fine)));
    expect(lpom_train_step(trainer, samples, classes, rows), ok ? LPOM_OK : LPOM_BAD_ARGUMENT, "lpom_train_step");
    x[at * inputs] = kept;
    labels[at] = below(outputs);
}

static const char *wild_path(int *expected)
{
    static const char *const bad[] = {"", " ", "\t", "\xff\xfe", "\xc3(", "model\x80.safetensors"};
    static char long_path[3 * PATH_MAX];
    *expected = LPOM_BAD_FILE;
    switch (below(8)) {
    case 0: *expected = LPOM_BAD_ARGUMENT; return NULL;
    case 1: *expected = LPOM_BAD_ARGUMENT; return bad[below((int)(sizeof bad / sizeof *bad))];
    case 2: return folder;
    case 3: snprintf(path_buffer, sizeof path_buffer, "%s/g\xc3\xa4rbage", folder); return path_buffer;
    case 4: snprintf(path_buffer, sizeof path_buffer, "%s/nothing/there", folder); return path_buffer;
    case 5: memset(long_path, 'x', sizeof long_path - 1); return long_path;
    case 6: return "/dev/zero";
    default: *expected = LPOM_OK; return model_path;
    }
}

static void call_load(void)
{
    int expected, slot = below(SLOTS);
    const char *path = wild_path(&expected);
    lpom_model *model = (void *)&slot;
    if (one_in(16)) {
        expect(lpom_load(path, NULL), LPOM_BAD_ARGUMENT, "lpom_load without a place for the model");
        return;
    }
    expect(lpom_load(path, &model), expected, "lpom_load");
    if ((model != NULL) != (expected == LPOM_OK))
        fail("lpom_load gave %p with status %d", (void *)model, expected);
    if (model == NULL)
        return;
    if (models[slot] != NULL) {
        lpom_free(models[slot]);
        freed[below(SLOTS)] = models[slot];
    }
    models[slot] = model;
}

static void call_save(void)
{
    bool good;
    void *model = handle(models, trainers, &good);
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, one_in(2) ? "s\xc3\xa4ved" : "no/folder");
    bool nowhere = strstr(path, "no/folder") != NULL;
    int expected = !good ? LPOM_BAD_ARGUMENT : nowhere ? LPOM_FAILED : LPOM_OK;
    expect(lpom_save(model, path), expected, "lpom_save");
    expect(lpom_save(model, one_in(2) ? NULL : "model.onnx"), LPOM_BAD_ARGUMENT, "lpom_save without a good path");
}

static void call_trainer(void)
{
    bool good;
    int slot = below(SLOTS);
    lpom_trainer *trainer = (void *)&slot;
    void *model = handle(models, trainers, &good);
    expect(lpom_trainer_create(model, NULL), LPOM_BAD_ARGUMENT, "lpom_trainer_create without a place for the trainer");
    expect(lpom_trainer_create(model, &trainer), good ? LPOM_OK : LPOM_BAD_ARGUMENT, "lpom_trainer_create");
    if ((trainer != NULL) != good)
        fail("lpom_trainer_create gave %p", (void *)trainer);
    if (!good)
        return;
    if (trainers[slot] != NULL) {
        lpom_trainer_free(trainers[slot]);
        freed[below(SLOTS)] = trainers[slot];
    }
    trainers[slot] = trainer;
}

static void call_trainer_model(void)
{
    bool good;
    lpom_model *model = (void *)&good;
    void *trainer = handle(trainers, models, &good);
    expect(lpom_trainer_model(trainer, NULL), LPOM_BAD_ARGUMENT, "lpom_trainer_model without a place for the model");
    expect(lpom_trainer_model(trainer, &model), good ? LPOM_OK : LPOM_BAD_ARGUMENT, "lpom_trainer_model");
    if (good) {
        expect(lpom_predict(model, x, inputs, scores, outputs), LPOM_OK, "lpom_predict of a trained model");
        lpom_free(model);
        freed[below(SLOTS)] = model;
    }
}

/* Of any value but a good handle of the kind. */
static void call_free(void)
{
    bool good;
    void *model = handle(models, trainers, &good);
    if (!good)
        lpom_free(model);
    void *trainer = handle(trainers, models, &good);
    if (!good)
        lpom_trainer_free(trainer);
}

static void call_any(void)
{
    switch (below(1000)) {
    case 0: case 1: case 2: call_load(); break;
    case 3: call_save(); break;
    case 4: call_trainer(); break;
    case 5: case 6: call_trainer_model(); break;
    default:
        switch (below(8)) {
        case 0: call_train_step(); break;
        case 1: call_free(); break;
        case 2: call_widths(); break;
        case 3: case 4: call_predict_batch(); break;
        default: call_predict(); break;
        }
    }
}

static void calls(int count)
{
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s/g\xc3\xa4rbage", folder);
    FILE *garbage = fopen(name, "wb");
    if (garbage == NULL)
        fail("%s cannot be written", name);
    for (int i = 0; i < 4096; i++)
        fputc((int)(next() & 0xFF), garbage);
    fclose(garbage);
    models[0] = load(model_path);
    x = allocate((size_t)MAX_ROWS * (size_t)inputs, sizeof *x);
    scores = allocate((size_t)MAX_ROWS * (size_t)outputs, sizeof *scores);
    for (int i = 0; i < MAX_ROWS * inputs; i++)
        x[i] = (float)below(17);
    for (int i = 0; i < count; i++)
        call_any();
    printf("%d calls\n", count);
}

/* ---- threads ---- */

static lpom_model *shared;
static float *references;
static volatile bool over;

static void *predict(void *argument)
{
    float *results = allocate((size_t)SAMPLES * (size_t)outputs, sizeof *results);
    for (int round = 0; round < 1000; round++) {
        if (round % 2 == 0) {
            for (int row = 0; row < SAMPLES; row++)
                expect(lpom_predict(shared, x + row * inputs, inputs, results + row * outputs, outputs), LPOM_OK, "lpom_predict");
        } else {
            expect(lpom_predict_batch(shared, x, SAMPLES, results, SAMPLES * outputs), LPOM_OK, "lpom_predict_batch");
        }
        if (memcmp(results, references, (size_t)SAMPLES * (size_t)outputs * sizeof *results) != 0)
            fail("a thread's scores are not those of one thread");
    }
    free(results);
    return argument;
}

/* Until the model is freed under its hands. */
static void *predict_freed(void *argument)
{
    float *results = allocate((size_t)outputs, sizeof *results);
    int status;
    while ((status = lpom_predict(shared, x, inputs, results, outputs)) == LPOM_OK)
        if (memcmp(results, references, (size_t)outputs * sizeof *results) != 0)
            fail("scores of a model that is being freed are wrong");
    expect(status, LPOM_BAD_ARGUMENT, "lpom_predict with a model that was freed");
    free(results);
    return argument;
}

static void *come_and_go(void *argument)
{
    while (!over)
        lpom_free(load(model_path));
    return argument;
}

static void run(void *(*work)(void *))
{
    pthread_t team[THREADS];
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&team[i], NULL, work, NULL) != 0)
            fail("no thread %d", i);
    if (work == predict_freed) {
        usleep(20000);
        lpom_free(shared);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(team[i], NULL);
}

static void threads(void)
{
    pthread_t other;
    shared = load(model_path);
    x = allocate((size_t)SAMPLES * (size_t)inputs, sizeof *x);
    references = allocate((size_t)SAMPLES * (size_t)outputs, sizeof *references);
    for (int i = 0; i < SAMPLES * inputs; i++)
        x[i] = (float)below(17);
    for (int row = 0; row < SAMPLES; row++)
        expect(lpom_predict(shared, x + row * inputs, inputs, references + row * outputs, outputs), LPOM_OK, "lpom_predict");
    if (pthread_create(&other, NULL, come_and_go, NULL) != 0)
        fail("no thread");
    run(predict);
    run(predict_freed);
    over = true;
    pthread_join(other, NULL);
    puts("8 threads: the bits of one");
}

/* ---- pairs ---- */

static long resident(void)
{
    long pages = 0, total;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &total, &pages) != 2)
        fail("/proc/self/statm cannot be read");
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void pairs(int count)
{
    scores = allocate((size_t)outputs, sizeof *scores);
    x = allocate((size_t)inputs, sizeof *x);
    for (int i = 0; i < count; i++) {
        int label = 0;
        lpom_trainer *trainer;
        lpom_model *model = load(model_path), *trained;
        expect(lpom_predict(model, x, inputs, scores, outputs), LPOM_OK, "lpom_predict");
        expect(lpom_predict_batch(model, x, 1, scores, outputs), LPOM_OK, "lpom_predict_batch");
        expect(lpom_predict(model, x, -1, scores, outputs), LPOM_BAD_ARGUMENT, "lpom_predict");
        expect(lpom_trainer_create(model, &trainer), LPOM_OK, "lpom_trainer_create");
        expect(lpom_train_step(trainer, x, &label, 1), LPOM_OK, "lpom_train_step");
        expect(lpom_trainer_model(trainer, &trained), LPOM_OK, "lpom_trainer_model");
        lpom_free(model);
        lpom_free(trained);
        lpom_trainer_free(trainer);
    }
    printf("%ld\n", resident());
    free(scores);
    free(x);
}

/* ---- refused ---- */

static void expect_refusal(int status, int expected, const char *message)
{
    if (status != expected || strstr(lpom_last_error(), message) == NULL)
        fail("a call gave %d, expected %d and '%s'", status, expected, message);
}

static void refused(const char *message)
{
    int nothing;
    float number = 0;
    lpom_model *model = (void *)&nothing, *trained = (void *)&nothing;
    lpom_trainer *trainer = (void *)&nothing;
    expect_refusal(lpom_init(), LPOM_FAILED, message);
    expect_refusal(lpom_load(model_path, &model), LPOM_FAILED, message);
    expect_refusal(lpom_load(model_path, NULL), LPOM_FAILED, message);
    expect_refusal(lpom_save(model, "x"), LPOM_FAILED, message);
    expect_refusal(lpom_inputs(model), 0, message);
    expect_refusal(lpom_outputs(model), 0, message);
    expect_refusal(lpom_predict(model, &number, 1, &number, 1), LPOM_FAILED, message);
    expect_refusal(lpom_predict_batch(model, &number, 1, &number, 1), LPOM_FAILED, message);
    expect_refusal(lpom_trainer_create(model, &trainer), LPOM_FAILED, message);
    expect_refusal(lpom_train_step(trainer, &number, NULL, 1), LPOM_FAILED, message);
    expect_refusal(lpom_trainer_model(trainer, &trained), LPOM_FAILED, message);
    if (model != NULL || trainer != NULL || trained != NULL)
        fail("a handle was given out");
    lpom_free(model);
    lpom_trainer_free(trainer);
    if (lpom_abi_version() != LPOM_ABI_VERSION)
        fail("lpom_abi_version gave %d", lpom_abi_version());
    printf("refused: %s\n", message);
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fputs("usage: abi calls MODEL FOLDER N | threads MODEL | pairs MODEL N | refused MODEL MESSAGE\n", stderr);
        return 2;
    }
    model_path = arguments[2];
    if (strcmp(arguments[1], "refused") == 0 && count == 4) {
        refused(arguments[3]);
        return 0;
    }
    lpom_model *model = load(model_path);
    inputs = lpom_inputs(model);
    outputs = lpom_outputs(model);
    lpom_free(model);
    if (strcmp(arguments[1], "calls") == 0 && count == 5) {
        folder = arguments[3];
        calls(atoi(arguments[4]));
    } else if (strcmp(arguments[1], "threads") == 0) {
        threads();
    } else if (strcmp(arguments[1], "pairs") == 0 && count == 4) {
        pairs(atoi(arguments[3]));
    } else {
        fail("arguments");
    }
    return 0;
}
