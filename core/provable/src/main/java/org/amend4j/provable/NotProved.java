/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

/** Says why a kind of problem's constants do not hold for a graph; its gradients may still be clipped. */
final class NotProved extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    NotProved(String why) {
        super(why);
    }
}
