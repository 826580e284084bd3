/*
 * replay: feeds the files named to a fuzz target, without a fuzzer. So the corpus of
 * tests/fuzz is a regression test of every build and compiler (./dev test unit).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (4UL << 20)

int main(int argc, char **argv)
{
	uint8_t *data = malloc(INPUT_MAX);

	for (int i = 1; i < argc && data; i++) {
		FILE *f = fopen(argv[i], "rb");

		if (!f) {
			perror(argv[i]);
			free(data);
			return 1;
		}
		fprintf(stderr, "%s\n", argv[i]);
		size_t size = fread(data, 1, INPUT_MAX, f);
		fclose(f);
		(void)LLVMFuzzerTestOneInput(data, size);
	}
	free(data);
	return 0;
}
