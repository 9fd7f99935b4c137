/* planted: two threads that add to one number without a lock. tests/tsan/run must see it reported, or
 * what it says of the other tests means nothing. */
#include <pthread.h>

enum { TIMES = 1000 };
static long sum;

static void *adds(void *unused) {
    for (int i = 0; i < TIMES; i++) sum++;
    return unused;
}

int main(void) {
    pthread_t one, two;
    if (pthread_create(&one, NULL, adds, NULL) || pthread_create(&two, NULL, adds, NULL)) return 2;
    (void)pthread_join(one, NULL);
    (void)pthread_join(two, NULL);
    return sum == 0;
}
