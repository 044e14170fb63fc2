/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.lang.StackWalker.StackFrame;

/** Who asked a machine for something, for reports. */
final class CallSite {

    private CallSite() {}

    /** The place that called the machine's method which is running. */
    static String ofMachine() {
        return StackWalker.getInstance()
                .walk(frames -> frames.dropWhile(frame -> !isMachine(frame))
                        .dropWhile(CallSite::isMachine)
                        .findFirst()
                        .map(frame -> frame.toStackTraceElement().toString())
                        .orElse("an unknown place"));
    }

    private static boolean isMachine(StackFrame frame) {
        return frame.getClassName().equals(Machine.class.getName());
    }
}
