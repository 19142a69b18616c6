/* Item popularity: the score of an item is its number of training interactions.
   cc -O2 -o popularity popularity.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *opened(const char *folder, const char *name, const char *mode) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, mode);
    if (!file) { perror(path); exit(1); }
    return file;
}

static void skip_header(FILE *file) {
    for (int c; (c = fgetc(file)) != '\n' && c != EOF;) {}
}

static void fit(const char *folder) {
    FILE *train = opened(folder, "train.csv", "r"), *model = opened(folder, "model/counts", "w");
    long user, item, timestamp, n_items = 0, *counts = NULL;
    skip_header(train);
    while (fscanf(train, "%ld,%ld,%ld", &user, &item, &timestamp) == 3) {
        if (item >= n_items) {
            counts = realloc(counts, (item + 1) * sizeof *counts);
            memset(counts + n_items, 0, (item + 1 - n_items) * sizeof *counts);
            n_items = item + 1;
        }
        counts[item]++;
    }
    for (item = 0; item < n_items; item++) fprintf(model, "%ld\n", counts[item]);
    fclose(model);
}

static void score(const char *folder) {
    FILE *model = opened(folder, "model/counts", "r"), *candidates = opened(folder, "candidates.csv", "r");
    FILE *scores = opened(folder, "scores.csv", "w");
    long user, item, count, n_items = 0, *counts = NULL;
    while (fscanf(model, "%ld", &count) == 1) {
        counts = realloc(counts, (n_items + 1) * sizeof *counts);
        counts[n_items++] = count;
    }
    skip_header(candidates);
    fprintf(scores, "score\n");
    while (fscanf(candidates, "%ld,%ld", &user, &item) == 2) fprintf(scores, "%ld\n", item < n_items ? counts[item] : 0);
    fclose(scores);
}

int main(int n_words, char **words) {
    if (n_words != 3) { fprintf(stderr, "usage: popularity fit|score FOLDER\n"); return 2; }
    strcmp(words[1], "fit") ? score(words[2]) : fit(words[2]);
    return 0;
}
