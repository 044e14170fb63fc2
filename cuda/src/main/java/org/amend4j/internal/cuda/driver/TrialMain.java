/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.amend4j.internal.cuda.cache.CodeCache;

/** What {@link TrialProcess} runs: all that a card is asked for in its trial. */
final class TrialMain {

    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

    private TrialMain() {}

    /**
     * Ends normally unless CUDA does not let it.
     *
     * @param arguments the card's number, and libraries of CUDA's, to be loaded first, in this order
     */
    public static void main(String[] arguments) {
        int card = Integer.parseInt(arguments[0]);
        for (String library : List.of(arguments).subList(1, arguments.length)) {
            System.load(library);
        }
        tell(TrialProcess.STARTED);
        try {
            CudaDevice.openTried(card, CodeCache.ofUser()).close();
        } catch (RuntimeException | Error failed) { // whatever Java can throw, the process that asked will see itself
            tell(failed.toString());
        }
    }

    /** As one piece: this may be the last that the process says. */
    private static void tell(String line) {
        try {
            OUT.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
