/*
 * liblpom.so, which users link: it chooses the image for this processor, liblpom-v4.so (AVX-512) or liblpom-v3.so (AVX2), before
 * anything of .NET starts, and passes every call on to it.
 */
#define _GNU_SOURCE
#include "lpom.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

#include "../NativeImage/processor.h"

#define ERROR_LENGTH 1024

/* name, parameters, arguments, what is returned without an image */
#define IMAGE_FUNCTIONS(FUNCTION)                                                                                                      \
    FUNCTION(load, (const char *path, lpom_model **model), (path, model), no_model(model))                                             \
    FUNCTION(save, (const lpom_model *model, const char *path), (model, path), LPOM_FAILED)                                            \
    FUNCTION(inputs, (const lpom_model *model), (model), 0)                                                                            \
    FUNCTION(outputs, (const lpom_model *model), (model), 0)                                                                           \
    FUNCTION(predict, (const lpom_model *model, const float *x, int x_len, float *scores, int scores_len),                             \
             (model, x, x_len, scores, scores_len), LPOM_FAILED)                                                                       \
    FUNCTION(predict_batch, (const lpom_model *model, const float *x, int rows, float *scores, int scores_len),                        \
             (model, x, rows, scores, scores_len), LPOM_FAILED)                                                                        \
    FUNCTION(trainer_create, (const lpom_model *model, lpom_trainer **trainer), (model, trainer), no_trainer(trainer))                 \
    FUNCTION(train_step, (lpom_trainer *trainer, const float *x, const int *labels, int rows), (trainer, x, labels, rows), LPOM_FAILED) \
    FUNCTION(trainer_model, (lpom_trainer *trainer, lpom_model **model), (trainer, model), no_model(model))

/* These return nothing, but in the image. */
#define IMAGE_PROCEDURES(PROCEDURE)                 \
    PROCEDURE(free, (lpom_model *model), (model))   \
    PROCEDURE(trainer_free, (lpom_trainer *trainer), (trainer))

struct image {
#define FUNCTION_POINTER(name, parameters, ...) int (*name) parameters;
    IMAGE_FUNCTIONS(FUNCTION_POINTER)
    IMAGE_PROCEDURES(FUNCTION_POINTER)
};

static _Thread_local char last_error[ERROR_LENGTH];

static struct image functions;
static const struct image *_Atomic started; /* &functions once it is filled; NULL before, and for ever if it cannot be */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char failure[ERROR_LENGTH];

static char *error_buffer(void)
{
    return last_error;
}

static void *find(void *library, const char *name)
{
    void *function = dlsym(library, name);
    if (function == NULL)
        snprintf(failure, sizeof failure, "lpom: %s", dlerror());
    return function;
}

static bool fill(void *library)
{
#define FIND(name, ...)                                                                   \
    if ((*(void **)&functions.name = find(library, "lpom_image_" #name)) == NULL)         \
        return false;
    IMAGE_FUNCTIONS(FIND)
    IMAGE_PROCEDURES(FIND)
    return true;
}

/* $ORIGIN is this library's own folder, wherever the process is by now. */
static void *open_image(void)
{
    if (!processor_has_v3()) {
        snprintf(failure, sizeof failure, "lpom: this processor has no AVX2 and FMA (x86-64-v3)");
        return NULL;
    }
    void *library = NULL;
    if (processor_has_v4() && !narrower_vectors_are_asked_for())
        library = dlopen("$ORIGIN/liblpom-v4.so", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    /* It does wherever the other would. */
    if (library == NULL)
        library = dlopen("$ORIGIN/liblpom-v3.so", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    Dl_info own;
    if (library == NULL)
        snprintf(failure, sizeof failure, "lpom: no image for this processor beside %s: %s",
                 dladdr(&functions, &own) != 0 ? own.dli_fname : "liblpom.so", dlerror());
    return library;
}

static void start(void)
{
    void *library = open_image();
    if (library == NULL || !fill(library))
        return;
    int (*start_image)(int, char *(*)(void), int);
    if ((*(void **)&start_image = find(library, "lpom_image_start")) == NULL)
        return;
    if (start_image(LPOM_ABI_VERSION, error_buffer, ERROR_LENGTH) == LPOM_OK)
        atomic_store_explicit(&started, &functions, memory_order_release);
    else
        snprintf(failure, sizeof failure, "%s", last_error);
}

/* The image; or NULL, and this thread's last error says why. */
static const struct image *image(void)
{
    const struct image *ready = atomic_load_explicit(&started, memory_order_acquire);
    if (ready != NULL)
        return ready;
    pthread_once(&once, start);
    ready = atomic_load_explicit(&started, memory_order_acquire);
    if (ready == NULL)
        snprintf(last_error, sizeof last_error, "%s", failure);
    return ready;
}

static int no_model(lpom_model **model)
{
    if (model != NULL)
        *model = NULL;
    return LPOM_FAILED;
}

static int no_trainer(lpom_trainer **trainer)
{
    if (trainer != NULL)
        *trainer = NULL;
    return LPOM_FAILED;
}

int lpom_abi_version(void)
{
    return LPOM_ABI_VERSION;
}

int lpom_init(void)
{
    return image() != NULL ? LPOM_OK : LPOM_FAILED;
}

const char *lpom_last_error(void)
{
    return last_error;
}

#define DEFINE_FUNCTION(name, parameters, arguments, otherwise)  \
    int lpom_##name parameters                                   \
    {                                                            \
        const struct image *ready = image();                     \
        return ready != NULL ? ready->name arguments : otherwise; \
    }
IMAGE_FUNCTIONS(DEFINE_FUNCTION)

#define DEFINE_PROCEDURE(name, parameters, arguments) \
    void lpom_##name parameters                       \
    {                                                 \
        const struct image *ready = image();          \
        if (ready != NULL)                            \
            ready->name arguments;                    \
    }
IMAGE_PROCEDURES(DEFINE_PROCEDURE)
