/*
 * Classifies samples: a line of CSV in, the class and its score out.
 *
 *   eng/publish-c.sh out                                               (once: out/liblpom.so, out/lpom.h and the images)
 *   gcc -std=c99 -O2 -Iout examples/c/classify.c -o classify -Lout -llpom -Wl,-rpath,"$PWD/out"
 *   lpom train                                                         (the built-in digits: model.safetensors)
 *   gzip -dc src/Lpom.Data/Builtin/digits.csv.gz | cut -d, -f1-64 | ./classify model.safetensors
 */
#include <lpom.h>

#include <stdio.h>
#include <stdlib.h>

/* The values of the next line; 0 at the end of the input, -1 for a line of another number of values. */
static int read_sample(FILE *input, float *x, int inputs)
{
    for (int i = 0; i < inputs; i++) {
        if (fscanf(input, "%f", &x[i]) != 1)
            return i == 0 && feof(input) ? 0 : -1;
        int separator = fgetc(input);
        if (separator == '\r')
            separator = fgetc(input);
        if (i < inputs - 1 ? separator != ',' : separator != '\n' && separator != EOF)
            return -1;
    }
    return 1;
}

static int highest(const float *scores, int outputs)
{
    int label = 0;
    for (int i = 1; i < outputs; i++)
        if (scores[i] > scores[label])
            label = i;
    return label;
}

static int classify(const lpom_model *model)
{
    int inputs = lpom_inputs(model), outputs = lpom_outputs(model), state;
    float *x = malloc((size_t)inputs * sizeof *x), *scores = malloc((size_t)outputs * sizeof *scores);
    if (x == NULL || scores == NULL) {
        fputs("classify: out of memory\n", stderr);
        exit(1);
    }
    long row = 1;
    for (; (state = read_sample(stdin, x, inputs)) == 1; row++) {
        if (lpom_predict(model, x, inputs, scores, outputs) != LPOM_OK) {
            fprintf(stderr, "classify: row %ld: %s\n", row, lpom_last_error());
            exit(1);
        }
        int label = highest(scores, outputs);
        printf("%d\t%.9g\n", label, scores[label]);
    }
    if (state < 0)
        fprintf(stderr, "classify: row %ld: expected %d numbers, joined by commas\n", row, inputs);
    free(x);
    free(scores);
    return state < 0 ? 2 : 0;
}

int main(int count, char **arguments)
{
    lpom_model *model;
    if (count != 2) {
        fputs("usage: classify MODEL < samples.csv\n", stderr);
        return 2;
    }
    int status = lpom_load(arguments[1], &model);
    if (status != LPOM_OK) {
        fprintf(stderr, "classify: %s\n", lpom_last_error());
        return status == LPOM_BAD_FILE ? 2 : 1;
    }
    int code = classify(model);
    lpom_free(model);
    return code;
}
