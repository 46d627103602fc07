"""The public names of a distributed client, cluster and their parts, by what they belong to: a plain list.

Each is offered here with a meaning of its own, or refused by name.
"""

from __future__ import annotations


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


TOP = words("""
    Actor ActorFuture BaseActorFuture
    Adaptive Client CompatibleExecutor CondaInstall Environ Event Future
    InstallPlugin KilledWorker LocalCluster Lock MultiLock Nanny NannyPlugin PipInstall Queue Reschedule SSHCluster
    Scheduler SchedulerPlugin Security Semaphore SpecCluster Status SubprocessCluster UploadDirectory UploadFile
    Variable Worker WorkerPlugin as_completed connect default_client fire_and_forget futures_of get_client
    get_task_metadata get_task_stream get_worker local_client performance_report print progress rejoin rpc secede span
    sync wait warn worker_client MemorySampler
""")

PLUGINS = words("""
    CondaInstall Environ ForwardLoggingPlugin ForwardOutput InstallPlugin NannyPlugin PipInstall SchedulerPlugin
    SchedulerUploadFile UploadDirectory UploadFile WorkerPlugin Span SpansSchedulerExtension SpansWorkerExtension
    memray_scheduler memray_workers
""")

CLUSTER = words("""
    adapt asynchronous called_from_running_loop close dashboard_link from_name get_client get_logs loop name
    new_worker_spec observed plan requested scale scale_down scale_up scheduler_address start_worker sync
    wait_for_workers __enter__ __exit__ __aenter__ __aexit__ __await__
""")

MEMBERS = {
    "Client": words("""
        amm as_current asynchronous benchmark_hardware call_stack cancel close compute current dashboard_link
        dump_cluster_state forward_logging futures_of gather get get_dataset get_events get_executor get_metadata
        get_scheduler_logs get_task_stream get_versions get_worker_logs has_what list_datasets log_event loop map
        nbytes ncores normalize_collection nthreads persist processing profile publish_dataset rebalance
        recreate_error_locally recreate_task_locally register_plugin register_worker_callbacks replicate restart
        restart_workers retire_workers retry run run_on_scheduler scatter scheduler_info set_metadata shutdown start
        story submit subscribe_topic sync unforward_logging unpublish_dataset unregister_scheduler_plugin
        unregister_worker_plugin unsubscribe_topic upload_file wait_for_workers who_has write_scheduler_file __enter__
        __exit__ __aenter__ __aexit__ __await__
    """),
    "Future": words("""
        add_done_callback bind_client cancel cancelled client done exception executor key release result retry status
        substitute traceback type __await__
    """),
    "as_completed": words("""
        add batches clear count has_ready is_empty next next_batch update __iter__ __next__ __aiter__ __anext__
    """),
    "LocalCluster": CLUSTER,
    "Adaptive": words("""
        adapt maximum minimum observed plan recommendations requested safe_target scale_down scale_up stop target
        workers_to_close
    """),
    "Lock": words("""
        acquire close get_value locked register release sync __enter__ __exit__ __aenter__ __aexit__
    """),
    "MultiLock": words("""
        acquire locked release __enter__ __exit__ __aenter__ __aexit__
    """),
    "Event": words("""
        clear client is_set set wait
    """),
    "Queue": words("""
        client close get put qsize
    """),
    "Variable": words("""
        client delete get set
    """),
    "Semaphore": words("""
        acquire close get_value register release sync __enter__ __exit__ __aenter__ __aexit__
    """),
    "WorkerPlugin": words("""
        setup teardown transition
    """),
    "SchedulerPlugin": words("""
        add_client add_worker before_close close log_event remove_client remove_worker restart start transition
        update_graph valid_workers_downscaling
    """),
    "MemorySampler": words("""
        sample to_pandas plot
    """),
}
