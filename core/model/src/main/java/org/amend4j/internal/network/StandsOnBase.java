/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import org.amend4j.model.Fingerprint;

/** A layer's configuration whose weights belong to a base model. */
public interface StandsOnBase {

    /** Which base model. */
    Fingerprint base();
}
