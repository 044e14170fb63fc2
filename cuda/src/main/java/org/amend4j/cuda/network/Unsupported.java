package org.amend4j.cuda.network;

/** The sentence for what a device cannot take. */
final class Unsupported {

    private Unsupported() {}

    /** @param what is in the way, such as "is an LSTM layer" */
    static IllegalArgumentException vertex(String name, String what) {
        return new IllegalArgumentException("vertex '" + name + "' cannot be computed on a device: it " + what);
    }
}
