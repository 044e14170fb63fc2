/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.Serializable;

/**
 * What an executor says of a block that it has read.
 *
 * @param block its number
 * @param ids of its records, ascending
 * @param subjects of its records
 * @param settingsFingerprint of the function
 * @param fingerprint of the function on these records
 */
record BlockReport(long block, long[] ids, long[] subjects, String settingsFingerprint, String fingerprint)
        implements Serializable {}
