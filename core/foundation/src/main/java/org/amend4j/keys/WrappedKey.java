/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.keys;

/**
 * A key as a ring keeps it.
 *
 * @param label what it is for
 * @param wrapped by {@link KeyWrap}, lower-case hexadecimal
 */
record WrappedKey(String label, String wrapped) {}
