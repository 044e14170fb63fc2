/* SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package org.amend4j.text.chat;

import org.jspecify.annotations.NullMarked;
