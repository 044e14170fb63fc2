/* SPDX-License-Identifier: Apache-2.0 */
/** Many adapters on one base: a named set of them, batches whose rows use different ones, and a server that loads them as needed. */
@org.jspecify.annotations.NullMarked
package org.amend4j.lora.serving;
