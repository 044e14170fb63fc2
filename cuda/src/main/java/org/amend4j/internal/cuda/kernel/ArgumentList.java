/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.Arrays;
import java.util.List;
import org.amend4j.internal.cuda.device.Argument;

/** Arguments put together from parts. */
final class ArgumentList {

    private ArgumentList() {}

    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    static Argument[] of(List<Argument>... parts) {
        return Arrays.stream(parts).flatMap(List::stream).toArray(Argument[]::new);
    }
}
