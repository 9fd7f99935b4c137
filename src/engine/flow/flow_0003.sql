-- A task's state is in no index: an update that changes no indexed column writes none (PostgreSQL's heap-only tuples), and so does not
-- meet the reads of neighbouring instances in an index page. The open tasks of an instance are few among all of its tasks.
CREATE INDEX flow_task_of_instance ON flow_task (home, instance_id, id);
DROP INDEX flow_task_instance;
