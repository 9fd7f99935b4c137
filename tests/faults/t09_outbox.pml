/* How a message leaves (engine/notify/notify_out.h, src/app/app_courier.c), as a model for spin: an act that may be undone, two workers on
 * two nodes that may die at every step, a gateway that may put off, and whose answer may be lost. One urgent message (0), one bulk (1).
 *
 * What must hold, and the mutation (-DM1 ...) that breaks it and must be found by t09_outbox.py:
 *   P1 nothing is lost: in the end every message whose act happened was taken by the gateway and stands as handed    M1 done before handed over
 *   P2 nothing leaves whose act did not happen                                                             M2 written before the act commits
 *   P3 where nobody died and no answer was lost, it leaves once                                       M3 claimed without looking whether it is
 *   P4 what stands as handed was taken                                                         M4 noted as handed before the answer is there
 *   P5 no bulk is claimed while something urgent is due                                                        M5 takes whatever is due
 *
 * What the model leaves out: time. A lease runs out only when its holder is dead or has its answer, because the courier is asked with a
 * limit that is shorter than the lease (app_courier.c asserts it).
 */
#define URGENT 0
#define BULK 1
#define FREE 0
#define CRASHES 2
#define PUT_OFF 2

bool happened[2], judged[2], row[2], done[2], handed[2];
byte copies[2], holder[2], crashes, lost, put_off, alive = 2;

#define due(m) (row[m] && !done[m] && holder[m] == FREE)
#define over(m) (judged[m] && (!row[m] || done[m]))

/* A transaction: the act and its row in the outbox, both or neither. */
proctype act(byte m) {
#ifdef M2
    row[m] = true;
    if
    :: happened[m] = true
    :: skip
    fi;
    judged[m] = true
#else
    atomic {
        if
        :: happened[m] = true; row[m] = true
        :: skip
        fi;
        judged[m] = true
    }
#endif
}

/* The process may be killed here; its claims run out, its successor begins anew. */
#define MAY_DIE                                      \
    if                                               \
    :: atomic { crashes < CRASHES -> crashes++ };    \
       goto died                                     \
    :: skip                                          \
    fi

proctype worker(byte id) {
    byte m;
    bool went;
again:
    do
    :: atomic {
#ifdef M5
           if
           :: due(URGENT) -> m = URGENT
           :: due(BULK) -> m = BULK
           fi;
#else
           if
           :: due(URGENT) -> m = URGENT
           :: !due(URGENT) && due(BULK) -> m = BULK
           fi;
#endif
           assert(m == URGENT || !due(URGENT)); /* P5 */
#ifdef M3
       };
       atomic {
#endif
           holder[m] = id
       };
       MAY_DIE;
#ifdef M1
       done[m] = true;
       MAY_DIE;
#endif
#ifdef M4
       handed[m] = true;
       MAY_DIE;
#endif
       atomic {
           if
           :: copies[m]++; went = true
           :: lost == 0 -> lost++; copies[m]++; went = false
           :: put_off < PUT_OFF -> put_off++; went = false
           fi;
           assert(happened[m]);                                       /* P2 */
           assert(crashes > 0 || lost > 0 || copies[m] <= 1)          /* P3 */
       };
       MAY_DIE;
       atomic {
           if
           :: went -> done[m] = true; handed[m] = true
           :: else -> skip
           fi;
           holder[m] = FREE
       }
    :: over(URGENT) && over(BULK) -> goto stop
    od;
died:
#ifdef M3
    atomic {
        if
        :: holder[m] == id -> holder[m] = FREE
        :: else -> skip
        fi
    };
#else
    holder[m] = FREE;
#endif
    goto again;
stop:
    alive--
}

active proctype watch() {
    do
    :: atomic {
           assert(!handed[URGENT] || copies[URGENT] > 0); /* P4 */
           assert(!handed[BULK] || copies[BULK] > 0)
       }
       if
       :: alive == 0 -> break
       :: else -> skip
       fi
    od;
    assert(!happened[URGENT] || (handed[URGENT] && copies[URGENT] > 0)); /* P1 */
    assert(!happened[BULK] || (handed[BULK] && copies[BULK] > 0));
    assert(happened[URGENT] || copies[URGENT] == 0);
    assert(happened[BULK] || copies[BULK] == 0)
}

init {
    atomic { run act(URGENT); run act(BULK); run worker(1); run worker(2) }
}
