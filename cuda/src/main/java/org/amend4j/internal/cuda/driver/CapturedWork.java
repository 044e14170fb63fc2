/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.amend4j.internal.cuda.driver.Status.check;
import static org.amend4j.internal.cuda.driver.Status.checkRuntime;
import static org.amend4j.internal.cuda.driver.Status.errorText;
import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
import static org.bytedeco.cuda.global.cudart.cuGraphDestroy;
import static org.bytedeco.cuda.global.cudart.cuGraphExecDestroy;
import static org.bytedeco.cuda.global.cudart.cuGraphLaunch;
import static org.bytedeco.cuda.global.cudart.cuStreamBeginCapture;
import static org.bytedeco.cuda.global.cudart.cuStreamEndCapture;
import static org.bytedeco.cuda.global.cudart.cudaGraphInstantiateWithFlags;

import org.amend4j.backend.MachineException;
import org.amend4j.internal.backend.RecordedWork;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUstream_st;

/** Work that a stream captured as a CUDA graph, to be launched on it again. */
final class CapturedWork implements RecordedWork {

    private final CUstream_st stream;
    private final Runnable enter;
    private final CUgraphExec_st launchable = new CUgraphExec_st();

    private CapturedWork(CUstream_st stream, Runnable enter, CUgraph_st graph) {
        this.stream = stream;
        this.enter = enter;
        // The driver's own function has another signature in each version of CUDA; graphs of both are the same.
        checkRuntime(cudaGraphInstantiateWithFlags(launchable, graph, 0), "cudaGraphInstantiateWithFlags");
    }

    /**
     * Captures what {@code work} starts on the stream.
     *
     * @param enter makes the stream's context current on the calling thread
     * @throws MachineException if CUDA refuses; the stream is then as before
     */
    static CapturedWork of(CUstream_st stream, Runnable enter, Runnable work) {
        check(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL), "cuStreamBeginCapture");
        CUgraph_st graph = new CUgraph_st();
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            abandon(stream, graph, e);
            throw e;
        }
        check(cuStreamEndCapture(stream, graph), "cuStreamEndCapture");
        try {
            return new CapturedWork(stream, enter, graph);
        } finally {
            check(cuGraphDestroy(graph), "cuGraphDestroy");
        }
    }

    /** Takes the stream out of capturing; its work failed already, and what fails besides is told with that. */
    private static void abandon(CUstream_st stream, CUgraph_st graph, Throwable failure) {
        int status = cuStreamEndCapture(stream, graph);
        if (status == CUDA_SUCCESS && !graph.isNull()) {
            status = cuGraphDestroy(graph);
        }
        if (status != CUDA_SUCCESS) {
            failure.addSuppressed(new MachineException("giving up a recording failed: " + errorText(status)));
        }
    }

    @Override
    public void replay() {
        enter.run();
        check(cuGraphLaunch(launchable, stream), "cuGraphLaunch");
    }

    @Override
    public void close() {
        enter.run();
        check(cuGraphExecDestroy(launchable), "cuGraphExecDestroy");
    }
}
