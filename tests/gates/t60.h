/* t60: what the files of the gate share; see t60.c. */
#ifndef GATES_T60_H
#define GATES_T60_H

/* t60_routes.c: the entry that each row of the route table leaves. Adds to both counts. */
void t60_routes(unsigned *passed, unsigned *failed);
#endif
