/* tidy: checks the house rules; see the head of each rule. */
int main(void) {
    return 0;
}
