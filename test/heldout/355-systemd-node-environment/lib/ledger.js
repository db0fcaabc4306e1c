'use strict';

const accounts = new Map();

exports.balance = (account) => accounts.get(account) ?? 0;

exports.book = (account, amount) => {
  if (!Number.isFinite(amount)) throw new TypeError('amount');
  accounts.set(account, exports.balance(account) + amount);
};
