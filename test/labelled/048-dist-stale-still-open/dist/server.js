"use strict";
var __importDefault = (this && this.__importDefault) || function (mod) {
    return (mod && mod.__esModule) ? mod : { "default": mod };
};
Object.defineProperty(exports, "__esModule", { value: true });
const express_1 = __importDefault(require("express"));
const app = (0, express_1.default)();
const PORT = Number(process.env.PORT) || 7010;
app.get('/recall', (_req, res) => {
    res.json([]);
});
app.listen(PORT, () => {
    console.log(`Server running on port ${PORT}`);
});
