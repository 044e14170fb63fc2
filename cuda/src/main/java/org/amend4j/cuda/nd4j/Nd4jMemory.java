package org.amend4j.cuda.nd4j;

import org.bytedeco.javacpp.Pointer;
import org.nd4j.jita.allocator.impl.AtomicAllocator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.jcublas.context.CudaContext;

/**
 * ND4J's arrays on its card, and the stream of this thread on which ND4J works. The only class that sees ND4J's CUDA backend: not
 * to be loaded without it.
 */
final class Nd4jMemory {

    private final CudaContext context;
    private final INDArray written;
    private final INDArray[] read;

    private Nd4jMemory(CudaContext context, INDArray written, INDArray... read) {
        this.context = context;
        this.written = written;
        this.read = read;
    }

    /** Makes ND4J's CUDA context current on this thread. */
    static void enter() {
        AtomicAllocator.getInstance().getDeviceContext();
    }

    /**
     * Brings arrays to this thread's card as they are now, as ND4J does before its own products.
     *
     * @param written what a kernel writes
     * @param read what it reads; {@code written} too if it adds to that
     */
    static Nd4jMemory prepare(INDArray written, INDArray... read) {
        Nd4j.getExecutioner().push();
        CudaContext context = AtomicAllocator.getInstance().getFlowController().prepareAction(written, read);
        return new Nd4jMemory(context, written, read);
    }

    /** The address on the card of an array's first element. */
    long address(INDArray array) {
        return AtomicAllocator.getInstance().getPointer(array, context).address();
    }

    /** ND4J's stream: the context keeps where the stream is kept. */
    Pointer stream() {
        return context.getCublasStream();
    }

    /** Tells ND4J that the card has the newest values of what was written. */
    void written() {
        AtomicAllocator.getInstance().registerAction(context, written, read);
    }
}
