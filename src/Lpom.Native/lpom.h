/*
 * lpom.h - Lpom's networks from C, C++ and whatever calls C. Link with -llpom.
 *
 * Statuses. Functions that return int return LPOM_OK or what went wrong; lpom_last_error() then says it in words. Nothing that is
 * passed in ends the process, but a pointer to memory that the process does not have, or has less of than the lengths say.
 *
 * Threads. Every function may be called from any thread at any time. Predictions on one model take no locks and do not wait for each
 * other; calls on one trainer take turns.
 *
 * Lifetimes. Models never change. What lpom_load, lpom_trainer_create and lpom_trainer_model give is the caller's, to be given back
 * with lpom_free or lpom_trainer_free. A handle that was given back, one of the other kind and any other value are recognised: status
 * LPOM_BAD_ARGUMENT. A model that is freed while another thread predicts with it stays whole until that prediction is done.
 *
 * Memory. Matrices are row-major float32 (IEEE 754 binary32), without gaps. Nothing that is passed in is kept.
 *
 * Processes. The library stays loaded until the process ends: dlclose has no effect. A child of fork() may not call it if the parent
 * has; one that calls exec may do as it likes.
 */
#ifndef LPOM_H
#define LPOM_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LPOM_API __attribute__((visibility("default")))
#else
#define LPOM_API
#endif

/* Functions may be added to a version; none changes or goes. */
#define LPOM_ABI_VERSION 1

enum {
    LPOM_OK = 0,
    LPOM_FAILED = 1,       /* the work failed: training diverged, the disk is full, the processor is too old */
    LPOM_BAD_ARGUMENT = 2, /* an argument is not what the function takes; nothing has been done */
    LPOM_BAD_FILE = 3      /* no file that can be read, or no model in it */
};

typedef struct lpom_model lpom_model;
typedef struct lpom_trainer lpom_trainer;

/* LPOM_ABI_VERSION of the library; a program may compare it with that of the header it was compiled with. Cannot fail. */
LPOM_API int lpom_abi_version(void);

/*
 * Loads the image for this processor and starts the runtime, in some milliseconds: what the first other call does otherwise.
 * LPOM_FAILED when the image is not beside the library, and on a processor without AVX2 and FMA (x86-64-v3); all other functions
 * then fail as well. The environment variable LPOM_SIMD=512, 256, 128 or 1 chooses the width of vectors; by default the widest.
 */
LPOM_API int lpom_init(void);

/*
 * Why the last function that failed on this thread did so: one line of UTF-8, never NULL, empty before the first failure. Good until
 * a function fails again on this thread, or the thread ends.
 */
LPOM_API const char *lpom_last_error(void);

/*
 * Reads a model: safetensors as 'lpom train' writes it, or an ONNX graph of dense layers. Files are not trusted.
 *   path   UTF-8
 *   model  receives the model, or NULL on failure
 * LPOM_BAD_FILE when there is no such file or no model in it.
 */
LPOM_API int lpom_load(const char *path, lpom_model **model);

/*
 * Writes a model as safetensors, whole or not at all, over what was there. A model that was loaded comes out as it was, so that it has
 * the same scores when it is loaded again.
 *   path   UTF-8
 * LPOM_FAILED when the file cannot be written; LPOM_BAD_ARGUMENT for a folder or a name that ends in .onnx.
 */
LPOM_API int lpom_save(const lpom_model *model, const char *path);

/* Gives a model back. NULL is nothing to do; of any other bad handle lpom_last_error() tells. */
LPOM_API void lpom_free(lpom_model *model);

/* Values that a sample has, at least 1; 0 on failure. */
LPOM_API int lpom_inputs(const lpom_model *model);

/* Scores that a sample gets, at least 1; 0 on failure. */
LPOM_API int lpom_outputs(const lpom_model *model);

/*
 * The scores of one sample: those of 'lpom predict' on the same raw values, but for rounding. Allocates nothing but, on a thread's
 * first call, what the runtime keeps for a thread, and, for a model too wide for the stack, what lpom_predict_batch allocates.
 *   x       [inputs], raw values as the model was trained on: grey pixels are 0 to 255
 *   x_len   inputs, exactly
 *   scores  [outputs], overwritten: the output layer's activations. Of a classifier the highest is the class; they are no
 *           probabilities (with cross-entropy, softmax makes them so). Of an autoencoder with a linear output layer they are raw values
 *           too. NaN where x holds a NaN; of infinities that may be anything. Must not overlap x.
 *   scores_len  room, at least outputs; the rest is left alone
 */
LPOM_API int lpom_predict(const lpom_model *model, const float *x, int x_len, float *scores, int scores_len);

/*
 * The scores of samples in rows, on the calling thread: the same bits as lpom_predict, at a fraction of the time for each. The memory
 * that it needs, of 64 rows at most, is made once for each thread that predicts at the same time, and kept with the model; of more
 * threads at a time than twice the processors, that of the others is made anew.
 *   x       [rows x inputs]
 *   rows    from 0
 *   scores  [rows x outputs], overwritten; must not overlap x
 *   scores_len  room, at least rows x outputs: so rows is limited by 2^31 scores, and x may be larger than that
 */
LPOM_API int lpom_predict_batch(const lpom_model *model, const float *x, int rows, float *scores, int scores_len);

/*
 * Makes a trainer that starts from a classifier and trains on rows as they come, on all processors. The model stays as it is, and
 * may be freed.
 *   trainer  receives the trainer, or NULL on failure
 * LPOM_BAD_ARGUMENT for a model whose output layer is not linear.
 */
LPOM_API int lpom_trainer_create(const lpom_model *model, lpom_trainer **trainer);

/*
 * Trains on labelled rows, in steps of at most 100. The first rows, in one call or several, are collected until there are 256: their
 * statistics scale the inputs from then on, so let them be a fair sample; then they are trained on. Should the rows themselves change
 * much later, not only what they mean, a trainer made from lpom_trainer_model learns them better.
 *   x       [rows x inputs], raw values, finite
 *   labels  [rows], from 0 to outputs - 1
 *   rows    from 0
 * LPOM_FAILED when training diverges: the trainer goes back to the last good weights: those of the latest copy, which is made every 5000
 * rows and by lpom_trainer_model, or, when the loss had begun to grow by then, of the one before it. The rows of the call that come after
 * are left. LPOM_BAD_ARGUMENT, besides bad arguments, when the collected rows are all the same or too large or small to scale; they are
 * dropped, with the other rows of the call.
 */
LPOM_API int lpom_train_step(lpom_trainer *trainer, const float *x, const int *labels, int rows);

/*
 * A copy of the model as it is trained so far: the starting one while the first rows are collected. The trainer goes on.
 *   model   receives the model, which takes raw values too; NULL on failure
 */
LPOM_API int lpom_trainer_model(lpom_trainer *trainer, lpom_model **model);

/* Gives a trainer back, and its threads; waits for a step that another thread is at. NULL is nothing to do. */
LPOM_API void lpom_trainer_free(lpom_trainer *trainer);

#ifdef __cplusplus
}
#endif

#endif
