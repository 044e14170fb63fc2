/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import java.util.List;

/** A kernel's name and parameters, as its source declares them. */
public record KernelSignature(String name, List<Parameter> parameters) {

    public KernelSignature {
        parameters = List.copyOf(parameters);
    }
}
